#!/usr/bin/env bash
# Launches workers on three "hosts": addresses of this machine, each with an sshd of its own. Neither ~/.ssh nor the machine's sshd is touched.
. "$(dirname "$0")/../test-lib.sh"

sshd=$(command -v sshd || { test -x /usr/sbin/sshd && echo /usr/sbin/sshd; })
for program in "$sshd" ssh ssh-keygen tar gzip mktemp; do
  have "${program:-sshd}" || { skip "no ${program:-sshd} on this machine (Debian: apt-get install openssh-server openssh-client)"; finish; exit; }
done
if [ -z "${LOCKSTEP:-}" ] && have dotnet; then
  # With the runtime: that is what is carried.
  dotnet publish "$repository/src/Cli" -c Release -r "linux-$(uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/')" -o "$work/program" >"$work/publish.log" 2>&1 \
    && LOCKSTEP=$work/program/lockstep || tail -n 40 "$work/publish.log"
fi
find_program
[ -e "$(dirname "$LOCKSTEP")/libcoreclr.so" ] || { skip "LOCKSTEP=$LOCKSTEP is not published with its runtime (dotnet publish -r)"; finish; exit; }

daemons=()
stop_all() {
  for process in "${daemons[@]}"; do kill "$process" 2>/dev/null; done
  for process in "${daemons[@]}"; do wait "$process" 2>/dev/null; done
  rm -rf "$work"
}
trap stop_all EXIT

hosts=(127.0.0.2 127.0.0.3 127.0.0.4)
port=$((20000 + $$ % 10000))
mkdir -m 700 "$work/keys"
mkdir -p /run/sshd 2>/dev/null # Where sshd separates privileges, and is root.
for key in user stranger host; do ssh-keygen -q -t ed25519 -N '' -f "$work/keys/$key"; done
cp "$work/keys/user.pub" "$work/keys/authorized_keys"
for host in "${hosts[@]}"; do
  mkdir -p "$work/$host"
  cat >"$work/$host.sshd" <<CONF
ListenAddress $host:$port
HostKey $work/keys/host
AuthorizedKeysFile $work/keys/authorized_keys
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
SetEnv TMPDIR=$work/$host
CONF
  echo "[$host]:$port $(cat "$work/keys/host.pub")" >>"$work/keys/known_hosts"
  "$sshd" -D -e -f "$work/$host.sshd" >"$work/$host.log" 2>&1 &
  daemons+=($!)
done
configure() {
  cat >"$work/$1.ssh" <<CONF
Port $port
IdentityFile $work/keys/$2
IdentitiesOnly yes
IdentityAgent none
UserKnownHostsFile $work/keys/known_hosts
GlobalKnownHostsFile none
Host second
  HostName 127.0.0.3
Host gone
  HostName 127.0.0.5
CONF
}
configure config user
configure wrong stranger
ssh=(ssh -F "$work/config.ssh" -o BatchMode=yes)
for host in "${hosts[@]}"; do
  await 20 "the sshd of $host" "${ssh[@]}" "$host" true || { tail -n 5 "$work/$host.log"; bad "sshd starts"; finish; exit; }
done
ok "$(ssh -V 2>&1 | cut -d, -f1), an sshd on each of ${hosts[*]}"

options=(--dataset synthetic --epochs 12 --checkpoint-every 200steps --lanes 1)
cd "$work" || exit
"$LOCKSTEP" train "${options[@]}" --workers 1 --quiet --out reference >reference.log 2>&1 || { cat reference.log; bad "the reference run"; }
want=$(weights_of reference)

# Starts a launch in the background: name of the run, hosts, more options.
launch() {
  local run=$1 on=$2
  shift 2
  "$LOCKSTEP" launch --hosts "$on" --ssh "ssh -F $work/config.ssh" "${options[@]}" --out "$run" "$@" >"$run.log" 2>&1 &
  launcher=$!
}
has_ended() { ! kill -0 "$launcher" 2>/dev/null; }
has_begun() { compgen -G "$1/checkpoints/*.ckpt"; }
workers() { pgrep -f "$work/$1/lockstep\.[^/]*/lockstep worker"; }
is_clean() {
  local host
  for host in "${hosts[@]}"; do
    if workers "$host" || compgen -G "$work/$host/lockstep.*"; then return 1; fi
  done
}
same_weights() {
  local name=$1 run=$2
  if await 240 "the end of $run ($name)" has_ended && wait "$launcher" && [ "$(outcome_of "$run")" = completed ] && [ "$(weights_of "$run")" = "$want" ]; then
    ok "$name: weightsSha256 ${want:0:16}, as train has"
  else
    bad "$name: weights $(weights_of "$run" 2>&1), expected $want"
    tail -n 30 "$run.log"
  fi
}
clean() { if await 30 "the hosts to be clean ($1)" is_clean; then ok "$1: no worker and no folder left"; else bad "$1: left $(ls -d "$work"/127.*/lockstep.* 2>&1)"; fi; }
says() { if grep -q -- "$2" "$1"; then ok "$3"; else bad "$3: no '$2' in $1"; tail -n 30 "$1"; fi; }
all=127.0.0.2,127.0.0.3,127.0.0.4

launch three 127.0.0.2,second,127.0.0.4
same_weights "three hosts" three
says three/events.jsonl "training with 3 workers, 3 lanes" "all three took part"
clean "three hosts"
if grep -rqE "$(echo '[A-Za-z0-9+/]{43}=')" three/*.json three/*.jsonl three/log.txt; then bad "something like a secret is in the run folder"; else ok "no secret in the run folder"; fi

launch two 127.0.0.2,gone,127.0.0.4 --min-workers 2
same_weights "one of three hosts is not there" two
says two.log "ssh connection to gone failed or ended before training began.*refused" "it is said which host, and why"
"$LOCKSTEP" launch --hosts 127.0.0.2 --ssh "ssh -F $work/wrong.ssh" "${options[@]}" --out refused >refused.log 2>&1
[ $? -eq 3 ] && ok "a key that is refused: exit code 3" || bad "a key that is refused: another exit code"
says refused.log "127.0.0.2.*Permission denied" "it is said that the key was refused"

launch killed $all
await 120 "a checkpoint of killed" has_begun killed
kill -KILL "$(workers 127.0.0.3)"
same_weights "a worker killed" killed
says killed.log "127.0.0.3 .*SIGKILL" "it is said on which host"
launch cut $all
await 120 "a checkpoint of cut" has_begun cut
kill -KILL "$(pgrep -P "$launcher" -f "127.0.0.4")"
same_weights "a connection killed" cut
clean "a worker and a connection killed"

launch stopped $all
await 120 "a checkpoint of stopped" has_begun stopped
kill -TERM "$launcher"
await 60 "the launcher to end" has_ended
wait "$launcher" && [ "$(outcome_of stopped)" = stopped ] && ok "SIGTERM: stopped and saved" || { bad "SIGTERM: $(outcome_of stopped)"; tail -n 30 stopped.log; }
says stopped.log "lockstep launch --resume stopped --ssh 'ssh -F" "it says how to go on"
clean "SIGTERM"
"$LOCKSTEP" launch --resume stopped --ssh "ssh -F $work/config.ssh" >stopped.log 2>&1 &
launcher=$!
same_weights "gone on, on the hosts of before" stopped
launch dead $all
await 120 "a checkpoint of dead" has_begun dead
kill -KILL "$launcher"
clean "the launcher killed"
launch early $all
await 60 "the first host to get the program" compgen -G "$work/127.0.0.2/lockstep.*"
kill -KILL "$launcher"
clean "the launcher killed while it starts"

launch installed $all --remote-program "$LOCKSTEP"
same_weights "a program that is there already" installed
finish
