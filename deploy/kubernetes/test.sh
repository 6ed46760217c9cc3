#!/usr/bin/env bash
# Builds the manifests and checks them without a cluster; then starts the pods' own command lines the way a cluster would, each in namespaces of its own.
. "$(dirname "$0")/../test-lib.sh"

if have kubectl; then build=(kubectl kustomize); elif have kustomize; then build=(kustomize build); else
  skip "the manifests: neither kubectl nor kustomize on this machine"
  finish
  exit
fi
if ! have python3 || ! python3 -c 'import yaml' 2>/dev/null; then
  skip "the manifests: no python3 with yaml (Debian: apt-get install python3-yaml)"
  finish
  exit
fi

overlay="" bridge="" pods=()
clean_up() {
  for pod in "${pods[@]}"; do
    [ ! -f "$work/$pod.pid" ] || kill -KILL "$(cat "$work/$pod.pid")" 2>/dev/null
    ip netns delete "ls-$pod" 2>/dev/null
  done
  wait
  [ -z "$bridge" ] || ip link delete "$bridge" 2>/dev/null
  [ -z "$overlay" ] || umount "$work/root" "$work/memory"
  rm -rf "$work"
}
trap clean_up EXIT

mkdir "$work/base"
cp "$here"/*.yaml "$here/coordinator.env" "$work/base/"
(umask 077 && head -c 32 /dev/urandom | base64 >"$work/base/lockstep.secret")
manifests=$work/manifests.yaml
if "${build[@]}" "$work/base" >"$manifests" 2>"$work/build.log"; then ok "${build[*]}"; else
  cat "$work/build.log"
  bad "${build[*]}"
  finish
  exit
fi
check "names, ports, volumes and the 'restricted' standard" python3 "$here/check.py" "$manifests"
skip "the schemas of Kubernetes and its admission: there is no cluster here (kubectl apply --dry-run=server -k deploy/kubernetes, in yours)"

if [ "$(id -u)" -ne 0 ] || ! have ip || ! have unshare || ! have setpriv; then
  skip "the pods' command lines: needs root, ip, unshare and setpriv (Debian: apt-get install iproute2 util-linux)"
  finish
  exit
fi
find_program
mkdir "$work/memory" "$work/root"
if ! mount -t tmpfs tmpfs "$work/memory" || ! mkdir "$work/memory/upper" "$work/memory/work" \
  || ! mkdir -p "$work"/memory/upper/{app,runs,run/lockstep} \
  || ! mount -t overlay overlay -o "lowerdir=/,upperdir=$work/memory/upper,workdir=$work/memory/work" "$work/root"; then
  skip "the pods' command lines: no overlay can be mounted here"
  finish
  exit
fi
overlay=1
cp -r "$(dirname "$(readlink -f "$LOCKSTEP")")/." "$work/memory/upper/app/"
bridge=ls-bridge
if ! ip link add "$bridge" type bridge || ! ip link set "$bridge" up; then
  bridge=""
  skip "the pods' command lines: no bridge can be made here"
  finish
  exit
fi

# What the cluster gives: volumes that the pods' group may write to, the secret's file, names.
mkdir "$work/runs-0" "$work/runs-1" "$work/secret"
chown root:1654 "$work"/runs-? && chmod 2775 "$work"/runs-?
install -o root -g 1654 -m 440 "$work/base/lockstep.secret" "$work/secret/secret"
chmod 755 "$work" "$work/secret"
domain=lockstep-coordinator.lockstep.svc.cluster.local
names_lead_to() { printf '127.0.0.1 localhost\n%s lockstep-coordinator-0.%s\n%s lockstep-coordinator-1.%s\n' "$1" "$domain" "$2" "$domain" >"$work/hosts"; }
: >"$work/hosts"

# A pod: its name here, which container of the manifests, its address; of a coordinator, its number.
start_pod() {
  local pod=$1 container=$2 address=$3 number=${4:-0} args environment
  pods+=("$pod")
  ip netns add "ls-$pod"
  # A device's name has at most 15 characters.
  local cable=ls-cable-${#pods[@]}
  ip link add "$cable" type veth peer name eth0 netns "ls-$pod"
  ip link set "$cable" master "$bridge" up
  ip -n "ls-$pod" link set lo up
  ip -n "ls-$pod" address add "$address/24" dev eth0
  ip -n "ls-$pod" link set eth0 up
  mapfile -t args < <(python3 "$here/check.py" "$manifests" args "$container" | sed "s/\$(POD_IP)/$address/; s/\$(HOSTNAME)/lockstep-coordinator-$number/g; s/\$(NAMESPACE)/lockstep/g")
  mapfile -t environment < <(python3 "$here/check.py" "$manifests" env "$container" | sed 's/EPOCHS=.*/EPOCHS=20/; s/500steps/200steps/')
  # shellcheck disable=SC2016
  ip netns exec "ls-$pod" unshare --mount --pid --fork --kill-child bash -c '
    set -e
    root=$1/root runs=$2
    shift 2
    mount --bind "$runs" "$root/runs"
    mount --bind -o ro "${root%/root}/secret" "$root/run/lockstep"
    mount --bind "${root%/root}/hosts" "$root/etc/hosts"
    mount -t tmpfs -o size=64m tmpfs "$root/tmp"
    mount -t proc proc "$root/proc"
    mount -t tmpfs -o size=1m tmpfs "$root/dev"
    for device in null zero full random urandom; do
      : >"$root/dev/$device"
      mount --bind "/dev/$device" "$root/dev/$device"
    done
    mount -o remount,ro "$root"
    exec chroot "$root" setpriv --reuid=1654 --regid=1654 --clear-groups --no-new-privs --bounding-set=-all env -i "$@"
  ' pod "$work" "$work/runs-$number" LOCKSTEP_OFFLINE=1 LOCKSTEP__LANES=1 "${environment[@]}" /app/lockstep "${args[@]}" >"$work/$pod.log" 2>&1 &
  echo $! >"$work/$pod.outer"
  await 20 "the process of pod $pod" eval 'find_process "$pod" || has_ended "$pod"'
}
has_ended() { ! kill -0 "$(cat "$work/$1.outer")"; }
# ip and unshare become one another; the program is the child, process 1 of its namespace.
find_process() { pgrep -P "$(cat "$work/$1.outer")" >"$work/$1.pid" && [ -s "$work/$1.pid" ]; }
signal_pod() { kill "-$2" "$(cat "$work/$1.pid")"; }
end_of_pod() { wait "$(cat "$work/$1.outer")"; }
probe() { ip netns exec "ls-$1" bash -c "exec 3<>/dev/tcp/$2/8080 && printf 'GET $3 HTTP/1.1\r\nHost: pod\r\nConnection: close\r\n\r\n' >&3 && head -n 1 <&3" 2>/dev/null; }
answers() { [[ "$(probe "$1" "$2" "$3")" == *" $4 "* ]]; }

runs=("$work/runs-0/current" "$work/runs-1/current")
newest() { basename "$(compgen -G "${runs[$1]}/checkpoints/*.ckpt" | tail -n 1)"; }
has_begun() { compgen -G "${runs[$1]}/checkpoints/*.ckpt"; }
has_moved() { [[ "$(newest "$1")" > "$2" ]]; }
is_complete() { [ -f "${runs[$1]}/summary.json" ] && [ "$(outcome_of "${runs[$1]}")" = completed ]; }
leads() { grep -q '"leading"' "${runs[$1]}/events.jsonl"; }
expect() {
  local name=$1
  shift
  if await "${limit:-60}" "$name" "$@"; then ok "$name"; else bad "$name"; tail -n 12 "$work"/*.log; fi
}

printf '127.0.0.1 localhost\n' >"$work/hosts"
start_pod worker-a worker 10.99.0.11
start_pod worker-b worker 10.99.0.12
expect "worker: /livez 200 before there is a coordinator" answers worker-a 10.99.0.11 /livez 200
expect "worker: /readyz 503" answers worker-a 10.99.0.11 /readyz 503
names_lead_to 10.99.0.2 10.99.0.3
start_pod zero coordinator 10.99.0.2 0
start_pod one coordinator 10.99.0.3 1
limit=120 expect "a checkpoint is saved" has_begun 0
expect "and in the other volume, too" has_begun 1
expect "coordinators and worker: /readyz 200" \
  eval 'answers zero 10.99.0.2 /readyz 200 && answers one 10.99.0.3 /readyz 200 && answers worker-a 10.99.0.11 /readyz 200'
if [ "$(stat -c %u "${runs[0]}/config.json")" = 1654 ]; then
  ok "the run is written as user 1654"
else
  bad "the run belongs to $(stat -c %u "${runs[0]}/config.json")"
fi
if grep -q "^NoNewPrivs:.1" "/proc/$(cat "$work/worker-a.pid")/status" && grep -q "^CapBnd:.0000000000000000" "/proc/$(cat "$work/worker-a.pid")/status"; then
  ok "without capabilities"
else
  bad "capabilities: $(grep Cap "/proc/$(cat "$work/worker-a.pid")/status")"
fi

# The leader is killed; its pod comes back at another address.
if leads 0; then leader=0 other=1 first=zero second=one; else leader=1 other=0 first=one second=zero; fi
step=$(newest $other)
signal_pod $first KILL
expect "the leader killed: the other one goes on" eval 'leads $other && has_moved $other "$step"'
addresses=(10.99.0.2 10.99.0.3)
addresses[leader]=10.99.0.4
names_lead_to "${addresses[@]}"
step=$(newest $other)
start_pod again coordinator 10.99.0.4 $leader
expect "its next pod, at another address, has what the other one saves" has_moved $leader "$step"
expect "and is ready" answers again 10.99.0.4 /readyz 200

# The node of the one that leads now is emptied: SIGTERM.
step=$(newest $leader)
signal_pod $second TERM
end_of_pod $second
code=$?
if [ "$code" -eq 0 ] && [ "$(outcome_of "${runs[other]}")" = handedOver ]; then
  ok "SIGTERM: finished the step, saved, handed over, exit code 0"
else
  bad "SIGTERM: exit code $code, $(outcome_of "${runs[other]}")"
fi
expect "and the first one goes on" has_moved $leader "$step"
start_pod back coordinator "${addresses[other]}" $other
signal_pod worker-a KILL
expect "one worker killed: the run has lost it" grep -q '"workerLost"' "${runs[leader]}/events.jsonl"
limit=240 expect "the run is completed" is_complete $leader
expect "in both volumes" is_complete $other
for pod in again back; do
  end_of_pod $pod
  code=$?
  if [ "$code" -eq 0 ]; then ok "$pod ends, exit code 0"; else bad "$pod ends with exit code $code"; fi
done
start_pod complete coordinator 10.99.0.5 $leader
end_of_pod complete
code=$?
if [ "$code" -eq 0 ] && grep -q "is complete" "$work/complete.log"; then
  ok "started again: it says that it is complete"
else
  bad "started again: exit code $code"
  tail "$work/complete.log"
fi

"$LOCKSTEP" train --dataset synthetic --epochs 20 --workers 1 --quiet --out "$work/reference" >"$work/reference.log" 2>&1
want=$(weights_of "$work/reference")
if [ -n "$want" ] && [ "$(weights_of "${runs[0]}")" = "$want" ] && [ "$(weights_of "${runs[1]}")" = "$want" ]; then
  ok "the weights in both volumes are those of an undisturbed run: weightsSha256 ${want:0:16}"
else
  bad "weights $(weights_of "${runs[0]}") and $(weights_of "${runs[1]}"), expected $want"
fi
finish
