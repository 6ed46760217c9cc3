#!/usr/bin/env bash
# Checks the units, then boots a systemd of its own in a container over this machine's files, read-only, and trains there.
. "$(dirname "$0")/../test-lib.sh"

for program in systemd-analyze systemctl; do
  have "$program" || { skip "no $program on this machine (Debian: apt-get install systemd)"; finish; exit; }
done
find_program

leader=""
container=""
clean_up() {
  [ -z "$leader" ] || kill -KILL "$leader" 2>/dev/null
  [ -z "$container" ] || { kill "$container"; wait "$container"; } 2>/dev/null
  for mounted in "$work/root" "$work/memory"; do
    if mountpoint -q "$mounted"; then umount "$mounted"; fi
  done
  rm -rf "$work"
}
trap clean_up EXIT

mkdir "$work/units"
for unit in coordinator worker; do
  sed "s#/opt/lockstep/lockstep#$LOCKSTEP#" "$here/lockstep-$unit@.service" >"$work/units/lockstep-$unit@digits.service"
  check "systemd-analyze verify, $unit" systemd-analyze verify "$work/units/lockstep-$unit@digits.service"
  check "systemd-analyze security, $unit, exposure 2.0 or less" \
    systemd-analyze security --offline=yes --threshold=20 --no-pager "$work/units/lockstep-$unit@digits.service"
done

if [ "$(id -u)" -ne 0 ] || ! have systemd-nspawn || ! have nsenter; then
  skip "running the units: needs root and systemd-nspawn (Debian: apt-get install systemd-container)"
  finish
  exit
fi

mkdir "$work/memory" "$work/root"
if ! mount -t tmpfs tmpfs "$work/memory" || ! mkdir "$work/memory/upper" "$work/memory/work" \
  || ! mount -t overlay overlay -o "lowerdir=/,upperdir=$work/memory/upper,workdir=$work/memory/work" "$work/root"; then
  skip "running the units: no overlay can be mounted here"
  finish
  exit
fi
root=$work/root
cat >"$root/etc/systemd/system/lockstep-test.target" <<'UNIT'
[Unit]
Requires=basic.target
After=basic.target
UNIT
: >"$root/etc/machine-id"
install -m 644 "$here"/*.service "$root/etc/systemd/system/"
mkdir -p "$root/opt/lockstep" "$root/etc/lockstep"
cp -r "$(dirname "$(readlink -f "$LOCKSTEP")")/." "$root/opt/lockstep/"
(umask 077 && head -c 32 /dev/urandom | base64 >"$root/etc/lockstep/digits.secret")
# The second machine is an instance of its own, digits2, on another port.
here_and_there="s/192.0.2.10:4053/127.0.0.1:4053/g; s/192.0.2.11:4053/127.0.0.1:4055/g"
sed "$here_and_there; s/^LOCKSTEP__EPOCHS=.*/LOCKSTEP__EPOCHS=40/; s/500steps/200steps/" "$here/coordinator.env.example" >"$root/etc/lockstep/digits.coordinator.env"
sed "s/^LOCKSTEP__LISTEN=.*/LOCKSTEP__LISTEN=127.0.0.1:4055/" "$root/etc/lockstep/digits.coordinator.env" >"$root/etc/lockstep/digits2.coordinator.env"
cp -p "$root/etc/lockstep/digits.secret" "$root/etc/lockstep/digits2.secret"
{ sed "$here_and_there" "$here/worker.env.example"; echo LOCKSTEP__LANES=1; } >"$root/etc/lockstep/digits.worker.env"

systemd-nspawn --directory="$root" --register=no --keep-unit --private-network --link-journal=no --quiet \
  --boot systemd.unit=lockstep-test.target </dev/null >"$work/console.log" 2>&1 &
container=$!
find_leader() { leader=$(pgrep -P "$container" | head -n 1) && [ -n "$leader" ]; }
inside() { nsenter --target "$leader" --all "$@"; }
is_up() { find_leader && [[ $(inside systemctl is-system-running) =~ ^(running|degraded)$ ]]; }
if ! await 60 "systemd to be up" is_up; then
  tail -n 20 "$work/console.log"
  skip "running the units: systemd does not boot in a container here"
  finish
  exit
fi
ok "$(inside systemctl --version | head -n 1 | cut -d' ' -f1-2) is up as process 1 of a container"

run=$root/var/lib/private/lockstep/digits/run second=$root/var/lib/private/lockstep/digits2/run
coordinator=lockstep-coordinator@digits peer=lockstep-coordinator@digits2 worker=lockstep-worker@digits
property() { inside systemctl show -P "$2" "$1"; }
has_begun() { compgen -G "$run/checkpoints/*.ckpt"; }
newest() { basename "$(compgen -G "${1:-$run}/checkpoints/*.ckpt" | tail -n 1)"; }
has_moved() { [[ "$(newest "${2:-$run}")" > "$1" ]]; }
leads() { grep -q '"leading"' "$1/events.jsonl"; }
is_complete() { [ -f "$1/summary.json" ] && [ "$(outcome_of "$1")" = completed ]; }
is_inactive() { [ "$(property "$1" ActiveState)" = inactive ]; }
is_active() { [ "$(property "$1" ActiveState)" = active ]; }
was_restarted() { [ "$(property "$1" NRestarts)" -ge 1 ]; }
maps_memory() { inside grep -q memfd:lockstep "/proc/$(property "$1" MainPID)/maps"; }
expect() {
  local name=$1
  shift
  if await "${limit:-30}" "$name" "$@"; then
    ok "$name"
  else
    bad "$name"
    inside journalctl -u 'lockstep*' --no-pager -o cat | tail -n 30
  fi
}

check "systemctl enable --now" inside systemctl enable --now "$coordinator" "$worker"
expect "a checkpoint is saved" has_begun
expect "coordinator and worker, one user in two sandboxes, share memory" maps_memory "$worker"
if [ "$(stat -c %a "$run/config.json")" = 600 ]; then ok "the run is readable by its user only"; else bad "mode of config.json"; fi

inside systemctl kill --signal=KILL "$worker"
expect "a killed worker is started again" was_restarted "$worker"
inside systemctl kill --signal=KILL "$coordinator"
expect "a killed coordinator is started again" was_restarted "$coordinator"
step=$(newest)
expect "and the run goes on" has_moved "$step"

# It leads: alone until now.
check "start of a second coordinator" inside systemctl start "$peer"
step=$(newest)
expect "it has what the first one saves" has_moved "$step" "$second"
step=$(newest "$second")
inside systemctl kill --signal=KILL "$coordinator"
expect "the first one killed: the second one goes on" eval 'leads "$second" && has_moved "$step" "$second"'
step=$(newest "$second")
expect "the first one, started again, has what it saves" has_moved "$step"
check "stop of the second one, which leads" inside systemctl stop "$peer"
step=$(newest)
expect "the first one goes on" has_moved "$step"

check "systemctl stop" inside systemctl stop "$coordinator"
if [ "$(outcome_of "$run")" = stopped ] && [ "$(property "$coordinator" Result)" = success ]; then
  ok "stop: finished the step, saved"
else
  bad "stop: $(outcome_of "$run"), $(property "$coordinator" Result)"
fi
check "systemctl start" inside systemctl start "$coordinator"
check "and of the second one" inside systemctl start "$peer"
limit=180 expect "the run is completed" is_complete "$run"
expect "by both" is_complete "$second"
expect "the coordinator ends with it" is_inactive "$coordinator"
expect "the worker waits for the next run" is_active "$worker"

check "start of a complete run" inside systemctl start "$coordinator"
expect "it ends at once" is_inactive "$coordinator"
if [ "$(property "$coordinator" Result)" = success ]; then
  ok "and that is no failure"
else
  bad "Result=$(property "$coordinator" Result)"
fi

cp "$root/etc/lockstep/digits.secret" "$root/etc/lockstep/wrong.secret"
echo LOCKSTEP__EPOCHS=many >"$root/etc/lockstep/wrong.coordinator.env"
is_failed() { [ "$(property "$1" ActiveState)" = failed ]; }
inside systemctl start lockstep-coordinator@wrong
expect "wrong options: failed" is_failed lockstep-coordinator@wrong
if [ "$(property lockstep-coordinator@wrong NRestarts)" = 0 ]; then ok "and not started again"; else bad "started again"; fi

check "systemctl disable --now" inside systemctl disable --now "$coordinator" "$peer" "$worker"
cp -r "$run" "$work/run"
"$LOCKSTEP" train --dataset synthetic --epochs 40 --workers 1 --quiet --out "$work/reference" >"$work/reference.log" 2>&1
if [ -n "$(weights_of "$work/run")" ] && [ "$(weights_of "$work/run")" = "$(weights_of "$work/reference")" ]; then
  ok "the weights are those of an undisturbed run: weightsSha256 $(weights_of "$work/run" | cut -c1-16)"
else
  bad "weights $(weights_of "$work/run"), expected $(weights_of "$work/reference")"
fi
finish
