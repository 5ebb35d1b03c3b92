// SPDX-License-Identifier: Apache-2.0
'use strict';
const byId = (id) => document.getElementById(id);
const POLL_MS = 1500;
let chart = null;

/** Builds an element; texts are set as text, so nothing from the data is ever markup. */
function el(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) node.setAttribute(name, value);
  for (const child of children) node.append(child instanceof Node ? child : String(child));
  return node;
}

const number = (value, digits) =>
  typeof value === 'number' && isFinite(value)
    ? value.toLocaleString('en-GB', {maximumFractionDigits: digits ?? 0})
    : '–';
const moment = (ms) => (ms == null ? '–' : new Date(ms).toISOString().replace('T', ' ').slice(0, 16));
const wallClock = (ms) => new Date(ms).toLocaleTimeString('en-GB');

function stage(name, figure, unit, detail, down) {
  return el('div', {class: down ? 'stage down' : 'stage'}, el('small', {}, name),
    el('b', {}, down ? 'down' : figure), el('small', {}, down || `${unit}${detail ? ' · ' + detail : ''}`));
}

function stages(loop, services) {
  const ingest = services.ingest || {};
  const store = services['feature-store'] || {};
  const runs = services.trainer || {};
  const counts = loop.counts || {};
  const sum = (prefix) => Object.entries(counts)
    .filter(([name]) => name.startsWith(prefix)).reduce((all, [, value]) => all + value, 0);
  const bad = loop.verdicts.filter((verdict) => verdict.status === 'BAD').length;
  const runList = Array.isArray(runs) ? runs : runs.runs || [];
  const lastRun = runList[0];
  const champion = loop.performance.find((each) => each.version === loop.champion);
  byId('stages').replaceChildren(
    stage('Ingest', number(ingest.accepted), 'accepted',
      `${number(ingest.rejected)} rejected, ${number(ingest.duplicates)} duplicates`, ingest.down),
    stage('Validator', number(loop.verdicts.length), 'spans judged', `${bad} bad`,
      services.validator && services.validator.down),
    stage('Feature store', number(store.written), 'feature states written',
      `${number(sum('labels.'))} labels`, store.down),
    stage('Trainer', number(runList.length), 'runs', lastRun ? lastRun.state : '', runs.down),
    stage('Inference', number(sum('predictions.')), 'predictions',
      champion ? `p99 ${number(champion.latencyMsP99, 0)} ms` : 'no champion yet',
      services.inference && services.inference.down),
    stage('Monitor', champion ? number(champion.current.auc, 3) : '–', 'AUC now',
      `${loop.alerts.filter((alert) => alert.status === 'open').length} open alerts`));
}

function table(heads, rows) {
  const head = el('tr', {}, ...heads.map((text) => el('th', text.startsWith('#') ? {class: 'n'} : {}, text.replace('#', ''))));
  return el('table', {}, head, ...rows.map((cells) => el('tr', {}, ...cells.map((cell, i) =>
    el('td', heads[i].startsWith('#') ? {class: 'n'} : {}, cell)))));
}

function versions(loop) {
  const quality = Object.fromEntries(loop.performance.map((each) => [each.version, each]));
  const rows = loop.versions.map((version) => {
    const last = version.transitions[version.transitions.length - 1];
    const style = {CHAMPION: 'good', REFUSED: 'bad', RETIRED: 'soft'}[version.status] || 'warn';
    const seen = quality[version.version];
    return [version.version, el('span', {class: `pill ${style}`}, version.status.toLowerCase()),
      seen ? number(seen.outcomes) : '–', seen ? number(seen.current.auc, 3) : '–',
      el('small', {}, last ? last.reasons.join('; ') : '')];
  });
  byId('versions').replaceChildren(rows.length
    ? table(['version', 'status', '#outcomes', '#AUC now', 'why'], rows)
    : el('p', {class: 'hint'}, 'No version yet: the first one is trained once there are enough labels.'));
}

function alerts(loop) {
  byId('alerts').replaceChildren(...(loop.alerts.length ? loop.alerts.slice(0, 30).map((alert) =>
    el('div', {class: 'alert'},
      el('span', {class: `pill ${alert.status === 'open' ? (alert.severity === 'page' ? 'bad' : 'warn') : 'good'}`},
        alert.status === 'open' ? alert.severity : 'resolved'), ' ',
      el('strong', {}, alert.alertId), el('div', {}, alert.cause),
      el('small', {class: 'soft'}, `${alert.status === 'open' ? 'Next' : 'Closed'}: ${alert.action}`)))
    : [el('p', {class: 'hint'}, 'None.')]));
}

function drift(loop) {
  const rows = [...loop.lastLooks].sort((a, b) => (b.drifted - a.drifted) || (b.statistic / b.threshold - a.statistic / a.threshold))
    .map((look) => [look.subject, look.kind.toLowerCase(),
      el('span', {class: look.drifted ? 'bad' : 'good'}, look.drifted ? 'drifted' : 'stable'),
      el('small', {}, look.effect), number(look.rows)]);
  byId('drift').replaceChildren(rows.length ? table(['subject', 'kind', 'verdict', 'effect', '#rows'], rows)
    : el('p', {class: 'hint'}, 'The first window is not full yet.'));
}

function verdicts(loop) {
  const rows = [...loop.verdicts].sort((a, b) => b.endMs - a.endMs).slice(0, 40).map((verdict) => [
    verdict.event, moment(verdict.startMs), number(verdict.rows),
    el('span', {class: `pill ${verdict.status === 'GOOD' ? 'good' : 'bad'}`}, verdict.status.toLowerCase()),
    el('small', {}, verdict.anomalies.map((anomaly) => anomaly.message).join('; '))]);
  byId('verdicts').replaceChildren(rows.length ? table(['event', 'span from', '#rows', 'verdict', 'findings'], rows)
    : el('p', {class: 'hint'}, 'No span has closed yet.'));
}

function timeline(loop) {
  byId('timeline').replaceChildren(...[...loop.timeline].reverse().slice(0, 100).map((entry) =>
    el('li', {}, el('time', {}, wallClock(entry.atMs)), el('span', {class: 'pill soft'}, entry.kind), el('span', {}, entry.text))));
}

function quality(loop) {
  const colours = ['#0b5cad', '#b3261e', '#1b7f4b', '#9a6700', '#6b3fa0', '#00798c'];
  const datasets = loop.performance.map((each, i) => ({
    label: `version ${each.version}`,
    data: each.course.filter((point) => typeof point.auc === 'number').map((point) => ({x: point.toMs, y: point.auc})),
    borderColor: colours[i % colours.length], backgroundColor: colours[i % colours.length],
    pointRadius: 2, borderWidth: 2, tension: 0.15}));
  if (!chart) {
    chart = new Chart(byId('auc'), {type: 'line', data: {datasets}, options: {
      animation: false, maintainAspectRatio: false, parsing: false,
      scales: {x: {type: 'linear', ticks: {callback: (value) => moment(value), maxTicksLimit: 8}},
        y: {title: {display: true, text: 'AUC'}, suggestedMin: 0.5, suggestedMax: 0.9}}}});
  } else {
    chart.data.datasets = datasets;
    chart.update();
  }
}

async function json(path) {
  const response = await fetch(path, {headers: {Accept: 'application/json'}});
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response.json();
}

async function refresh() {
  try {
    const names = await json('v1/applications');
    const select = byId('app');
    if (names.join() !== [...select.options].map((option) => option.value).join()) {
      const before = select.value || location.hash.slice(1);
      select.replaceChildren(...names.map((name) => el('option', {value: name}, name)));
      if (names.includes(before)) select.value = before;
    }
    byId('empty').hidden = names.length > 0;
    byId('main').hidden = names.length === 0;
    if (names.length > 0) {
      const {loop, services} = await json(`v1/applications/${encodeURIComponent(select.value)}/loop`);
      byId('about').textContent = `${loop.description || ''}${loop.streamTimeMs ? ' — event time ' + moment(loop.streamTimeMs) : ''}`;
      byId('live').textContent = loop.live ? 'live' : 'catching up';
      byId('live').className = `pill ${loop.live ? 'good' : 'warn'}`;
      stages(loop, services); versions(loop); alerts(loop); drift(loop); verdicts(loop); timeline(loop); quality(loop);
    }
    byId('error').hidden = true;
  } catch (failure) {
    byId('error').hidden = false;
    byId('error').textContent = `The monitor does not answer: ${failure.message}`;
  } finally {
    setTimeout(refresh, POLL_MS);
  }
}

byId('app').addEventListener('change', () => { location.hash = byId('app').value; });
refresh();
