# SPDX-License-Identifier: Apache-2.0
# Ends one process when another one has ended.
# Arguments: owner's number and start, watched process's number and start.
trap '' HUP INT TERM

# runs NUMBER START: whether that very process runs (state is field 3, start is field 22).
runs() {
  if [ ! -r /proc/self/stat ]; then
    kill -0 "$1" 2>/dev/null
    return
  fi
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  set -- "$2" ${stat##*) }
  [ "$2" != Z ] && [ "${21}" = "$1" ]
}

while runs "$1" "$2"; do
  runs "$3" "$4" || exit 0
  sleep 1
done
runs "$3" "$4" || exit 0
kill -TERM "$3" 2>/dev/null
waited=0
while runs "$3" "$4" && [ "$waited" -lt 10 ]; do
  sleep 1
  waited=$((waited + 1))
done
runs "$3" "$4" && kill -KILL "$3" 2>/dev/null
exit 0
