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

const estimate = (figure, digits) => (figure && typeof figure.value === 'number'
  ? [number(figure.value, digits), el('small', {}, ` [${number(figure.low, digits)}, ${number(figure.high, digits)}]`)]
  : ['–']);

function versions(loop) {
  const quality = Object.fromEntries(loop.performance.map((each) => [each.version, each]));
  const rows = loop.versions.map((version) => {
    const last = version.transitions[version.transitions.length - 1];
    const style = {CHAMPION: 'good', REFUSED: 'bad', RETIRED: 'soft'}[version.status] || 'warn';
    const seen = quality[version.version];
    return [version.version, el('span', {class: `pill ${style}`}, version.status.toLowerCase()),
      seen ? number(seen.outcomes) : '–',
      ...['auc', 'average_precision', 'f1', 'ece'].map((name) =>
        el('span', {}, ...estimate(seen && seen.estimates[name], 3))),
      el('small', {}, last ? last.reasons.join('; ') : '')];
  });
  byId('versions').replaceChildren(rows.length
    ? table(['version', 'status', '#outcomes', '#AUC now', '#average precision', '#F1', '#calibration error', 'why'], rows)
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

const SHOWN_LOOKS = 60;

function link(text, act) {
  const button = el('button', {class: 'link', type: 'button'}, text);
  button.addEventListener('click', act);
  return button;
}

function drift(loop) {
  const all = [...loop.lastLooks].sort((a, b) => (b.drifted - a.drifted) || (b.statistic / b.threshold - a.statistic / a.threshold));
  const rows = all.slice(0, SHOWN_LOOKS).map((look) => [link(look.subject, () => explain(look.subject)), look.kind.toLowerCase(),
    el('span', {class: look.drifted ? 'bad' : 'good'}, look.drifted ? 'drifted' : 'stable'),
    el('small', {}, look.effect), number(look.rows)]);
  byId('drift').replaceChildren(rows.length ? table(['subject', 'kind', 'verdict', 'effect', '#rows'], rows)
    : el('p', {class: 'hint'}, 'The first window is not full yet.'));
  if (all.length > SHOWN_LOOKS) byId('drift').append(el('p', {class: 'hint'}, `${all.length - SHOWN_LOOKS} more are stable.`));
}

function svg(tag, attributes, text) {
  const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  if (text) node.append(text);
  return node;
}

/** The statistic of each look as a multiple of its limit. */
function course(looks) {
  const picture = svg('svg', {class: 'course', viewBox: '0 0 400 112', role: 'img', 'aria-label': 'statistic against its limit, look by look'});
  const most = Math.max(1.5, ...looks.map((look) => look.statistic / look.threshold));
  const x = (i) => 34 + (looks.length < 2 ? 180 : i * 360 / (looks.length - 1));
  const y = (value) => 98 - 88 * Math.max(0, value) / most;
  picture.append(svg('line', {class: 'limit', x1: 34, x2: 394, y1: y(1), y2: y(1)}), svg('text', {x: 0, y: y(1) + 4}, 'limit'));
  picture.append(svg('path', {d: looks.map((look, i) => `${i ? 'L' : 'M'}${x(i)} ${y(look.statistic / look.threshold)}`).join('')}));
  looks.forEach((look, i) => {
    const dot = svg('circle', {class: look.drifted ? 'bad' : 'good', cx: x(i), cy: y(look.statistic / look.threshold), r: 3});
    dot.append(svg('title', {}, `${moment(look.windowEndMs)}: ${look.effect}`));
    picture.append(dot);
  });
  return picture;
}

function bars(shares) {
  const most = Math.max(1e-9, ...shares.training, ...shares.window);
  const bar = (share, kind) => el('span', {class: `bar ${kind}`, style: `width:${100 * share / most}%`});
  return el('table', {class: 'bars'}, ...shares.bins.map((bin, i) => el('tr', {}, el('td', {title: bin}, bin),
    el('td', {style: 'width:60%'}, bar(shares.training[i], 'then'), bar(shares.window[i], 'now')),
    el('td', {class: 'n'}, el('small', {}, `${number(100 * shares.training[i], 1)} → ${number(100 * shares.window[i], 1)} %`)))));
}

const block = (title, ...content) => el('div', {}, el('h3', {}, title), ...content);
const list = (items) => items.length ? el('div', {}, ...items.map((item) => el('div', {class: 'alert'}, item))) : el('p', {class: 'hint'}, 'None.');

/** Why one subject has drifted: when it began, where, and what happened around then. */
async function explain(subject) {
  const panel = byId('why');
  try {
    const why = await json(`v1/applications/${encodeURIComponent(byId('app').value)}/drift/drill-down?subject=${encodeURIComponent(subject)}`);
    const began = why.onset ? `began between ${moment(why.onset.fromMs)} and ${moment(why.onset.toMs)}` : 'no change that lasts';
    panel.replaceChildren(
      el('h2', {}, why.subject, el('span', {class: `pill ${why.latest.drifted ? 'bad' : 'good'}`}, why.latest.drifted ? 'drifted' : 'stable'),
        link('close', () => { panel.hidden = true; })),
      el('p', {class: 'hint'}, `${why.latest.effect} — ${began} (event time)`),
      el('div', {class: 'why'}, block('Look by look', course(why.course)),
        ...(why.shares ? [block('Training rows (grey) and the last window', bars(why.shares))] : []),
        block('Drifted as well', list(why.related.map((look) => el('span', {}, link(look.subject, () => explain(look.subject)), ' ', el('small', {}, look.effect))))),
        block('What the validator found in it around then', list(why.findings.map((each) => `${each.event} ${each.span}: ${each.anomaly.message}`))),
        block('What else happened around then', list(why.around.map((entry) => `${entry.kind}: ${entry.text}`)))));
    panel.hidden = false;
    panel.scrollIntoView({block: 'nearest'});
  } catch (failure) {
    panel.replaceChildren(el('p', {class: 'bad'}, String(failure)));
    panel.hidden = false;
  }
}

function duration(seconds) {
  if (typeof seconds !== 'number') return '–';
  const [size, unit] = [[86400, 'd'], [3600, 'h'], [60, 'min'], [1, 's']].find(([each]) => seconds >= each) || [1, 's'];
  return `${number(seconds / size, 1)} ${unit}`;
}

function labels(loop) {
  const known = loop.labels;
  byId('labels').replaceChildren(known.moments === 0 ? el('p', {class: 'hint'}, 'No label yet.') : table(['figure', '#value'], [
    ['labelled moments', number(known.moments)],
    [`that a training run would count${loop.retraining.driftStartMs == null ? '' : ' since the drift'}, of those it needs`,
      `${number(loop.retraining.labelsThatCount)} of ${number(loop.retraining.minimumRows)}`],
    ['positive', `${number(known.positives)} (${number(100 * known.positiveShare, 1)} %)`],
    ['of the commoner class for one of the rarer', number(known.imbalance, 1)],
    ['negatives called too early', `${number(known.premature)} of ${number(known.implicitNegatives)}${known.prematureNegativeRate == null ? '' : ` (${number(100 * known.prematureNegativeRate, 2)} %)`}`],
    ['until the positive event: half, 95 %, 99 %', [known.delayP50S, known.delayP95S, known.delayP99S].map(duration).join(' · ')]]));
}

function served(skew) {
  if (!skew) return '–';
  const style = {ALIKE: 'good', SKEWED: 'bad'}[skew.status] || 'soft';
  return el('span', {}, el('span', {class: `pill ${style}`}, skew.status.toLowerCase()), ' ',
    el('small', {}, skew.status === 'ALIKE' ? `${number(skew.joined)} rows` : skew.reasons.join('; ')));
}

function verdicts(loop) {
  const skews = new Map(loop.skews.map((skew) => [`${skew.event}/${skew.span}`, skew]));
  const rows = [...loop.verdicts].sort((a, b) => b.endMs - a.endMs).slice(0, 40).map((verdict) => [
    verdict.event, moment(verdict.startMs), number(verdict.rows),
    el('span', {class: `pill ${verdict.status === 'GOOD' ? 'good' : 'bad'}`}, verdict.status.toLowerCase()),
    ...(skews.size ? [served(skews.get(`${verdict.event}/${verdict.span}`))] : []),
    el('small', {}, verdict.anomalies.map((anomaly) => anomaly.message).join('; '))]);
  byId('verdicts').replaceChildren(rows.length
    ? table(['event', 'span from', '#rows', 'verdict', ...(skews.size ? ['served as trained'] : []), 'findings'], rows)
    : el('p', {class: 'hint'}, 'No span has closed yet.'));
}

/** How far each dataset is that was asked for since the feature store started. */
function datasets(services) {
  const asked = services.datasets || {};
  const rows = (asked.datasets || []).map((each) => [el('span', {class: 'whole'}, each.datasetId),
    el('span', {class: `pill ${{READY: 'good', FAILED: 'bad'}[each.status] || 'warn'}`}, each.status.toLowerCase()),
    each.message || each.phase,
    each.status === 'RUNNING' && each.rowsAll > 0
      ? el('progress', {value: each.rowsDone, max: each.rowsAll, 'aria-label': `${each.datasetId}: ${each.phase}`}) : '',
    el('span', {class: 'whole'}, each.status === 'RUNNING' && each.rowsAll > 0
      ? `${number(each.rowsDone)} of ${number(each.rowsAll)}` : each.rowsDone > 0 ? number(each.rowsDone) : '–')]);
  byId('datasets').replaceChildren(rows.length ? table(['dataset', 'status', 'what it is doing', 'progress', '#rows'], rows)
    : el('p', {class: 'hint'}, asked.down ? `The feature store does not tell: ${asked.down}` : 'None was asked for since the feature store started.'));
}

function timeline(loop) {
  byId('timeline').replaceChildren(...[...loop.timeline].reverse().slice(0, 100).map((entry) =>
    el('li', {}, el('time', {}, wallClock(entry.atMs)), el('span', {class: 'pill soft'}, entry.kind), el('span', {}, entry.text))));
}

function quality(loop) {
  const colours = ['#0b5cad', '#b3261e', '#1b7f4b', '#9a6700', '#6b3fa0', '#00798c'];
  const courses = loop.performance.map((each, i) => ({
    label: `version ${each.version}`,
    data: each.course.filter((point) => typeof point.auc === 'number').map((point) => ({x: point.toMs, y: point.auc})),
    borderColor: colours[i % colours.length], backgroundColor: colours[i % colours.length],
    pointRadius: 2, borderWidth: 2, tension: 0.15}));
  const any = courses.some((course) => course.data.length > 0);
  byId('no-auc').hidden = any;
  byId('auc-course').hidden = !any;
  if (!any) return;
  if (!chart) {
    chart = new Chart(byId('auc'), {type: 'line', data: {datasets: courses}, options: {
      animation: false, maintainAspectRatio: false, parsing: false,
      scales: {x: {type: 'linear', ticks: {callback: (value) => moment(value), maxTicksLimit: 8}},
        y: {title: {display: true, text: 'AUC'}, suggestedMin: 0.5, suggestedMax: 0.9}}}});
  } else {
    chart.data.datasets = courses;
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
      stages(loop, services); versions(loop); alerts(loop); drift(loop); labels(loop); verdicts(loop); datasets(services); timeline(loop); quality(loop);
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
