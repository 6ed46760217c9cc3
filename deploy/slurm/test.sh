#!/usr/bin/env bash
# Runs lockstep.sbatch on a Slurm of one node of its own: daemons, keys, ports and state are in a temporary folder.
. "$(dirname "$0")/../test-lib.sh"

for program in munged mungekey slurmctld slurmd sbatch srun scontrol; do
  if ! have "$program"; then
    skip "no $program on this machine (Debian: apt-get install slurm-wlm munge)"
    finish
    exit
  fi
done
find_program

daemons=()
stop_all() {
  for process in "${daemons[@]}"; do kill "$process" 2>/dev/null; done
  for process in "${daemons[@]}"; do wait "$process" 2>/dev/null; done
  rm -rf "$work"
}
trap stop_all EXIT

user=$(id -un)
node=$(hostname -s)
mkdir -p "$work"/{state,spool,run}
chmod 755 "$work"
mungekey --create --keyfile "$work/munge.key" && chmod 400 "$work/munge.key"
cat >"$work/slurm.conf" <<CONF
ClusterName=test
SlurmctldHost=$node(127.0.0.1)
SlurmctldPort=16817
SlurmdPort=16818
AuthType=auth/munge
CryptoType=crypto/munge
AuthInfo=socket=$work/munge.socket,cred_expire=5
SlurmUser=$user
SlurmdUser=$user
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd.pid
SlurmctldLogFile=$work/slurmctld.log
SlurmdLogFile=$work/slurmd.log
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=2,bf_interval=2,batch_sched_delay=0
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
JobRequeue=1
KillWait=20
ReturnToService=2
NodeName=$node NodeAddr=127.0.0.1 CPUs=4 State=UNKNOWN
PartitionName=low Nodes=$node Default=YES MaxTime=INFINITE State=UP PriorityTier=1 GraceTime=20
PartitionName=abrupt Nodes=$node MaxTime=INFINITE State=UP PriorityTier=1 GraceTime=0
PartitionName=high Nodes=$node MaxTime=INFINITE State=UP PriorityTier=2 PreemptMode=OFF
CONF
export SLURM_CONF=$work/slurm.conf

munged --force --foreground --num-threads=1 --key-file="$work/munge.key" --socket="$work/munge.socket" --pid-file="$work/munged.pid" \
  --seed-file="$work/munged.seed" >"$work/munged.log" 2>&1 &
daemons+=($!)
await 20 "munge's socket" test -S "$work/munge.socket"
slurmctld -D >"$work/slurmctld.out" 2>&1 &
daemons+=($!)
slurmd -D -N "$node" >"$work/slurmd.out" 2>&1 &
daemons+=($!)
is_idle() { [ "$(sinfo -h -o %T -n "$node" | head -n 1)" = idle ]; }
if ! await 40 "a node of Slurm that is idle" is_idle; then
  tail -n 5 "$work"/slurm*.out "$work"/slurm*.log
  bad "Slurm starts"
  finish
  exit
fi
ok "Slurm $(slurmctld -V | cut -d' ' -f2) with one node and three partitions"

run_options=(--dataset synthetic --epochs 20 --checkpoint-every 200steps)
cd "$work/run" || exit
"$LOCKSTEP" train "${run_options[@]}" --workers 1 --quiet --out reference >"$work/reference.log" 2>&1 || { cat "$work/reference.log"; bad "the reference run"; }
want=$(weights_of reference)

submit() { sbatch --parsable --nodes=1 --ntasks-per-node=3 --cpus-per-task=1 "$@" "$here/lockstep.sbatch" "${run_options[@]}"; }
state() { scontrol show job -o "$1" | sed -n 's/.* JobState=\([A-Z_]*\).*/\1/p'; }
has_state() { [[ "$(state "$1")" =~ ^($2)$ ]]; }
has_begun() { compgen -G "$1/checkpoints/*.ckpt"; }
is_gone() { ! pgrep -f "secret-file $1/secret"; }
same_weights() {
  local name=$1 job=$2 run=$3
  if await 240 "job $job to end ($name)" has_state "$job" "COMPLETED|FAILED|CANCELLED|TIMEOUT|NODE_FAIL" && has_state "$job" COMPLETED \
    && [ "$(outcome_of "$run")" = completed ] && [ "$(weights_of "$run")" = "$want" ]; then
    ok "$name: completed, weightsSha256 ${want:0:16}"
  else
    bad "$name: job is $(state "$job"), weights $(weights_of "$run" 2>&1), expected $want"
    tail -n 30 "lockstep-$job.log"
  fi
}
says() { if grep -q -- "$2" "$1"; then ok "$3"; else bad "$3: no '$2' in $1"; tail -n 30 "$1"; fi; }


job=$(submit)
run=runs/slurm-$job
await 120 "a checkpoint of job $job" has_begun "$run"
kill -KILL "$(pgrep -n -f "worker --join .* $run/secret")"
same_weights "three tasks, one worker killed" "$job" "$run"
says "$run/events.jsonl" '"workerLost"' "the run lost that worker"
says "$run/events.jsonl" 'ready, 1 lane"' "a worker computes on the processors of its task"

# 2. Pre-empted with time to save, and without: Slurm sends SIGTERM to the steps at once, or to all of the job and kills it after KillWait.
for partition in low abrupt; do
  job=$(submit --partition="$partition")
  run=runs/slurm-$job
  await 120 "a checkpoint of job $job" has_begun "$run"
  rival=$(sbatch --parsable --partition=high --exclusive --output=rival-%j.log --wrap "sleep 3")
  await 90 "the job that pre-empts to run" has_state "$rival" "RUNNING|COMPLETED"
  same_weights "pre-empted in partition $partition, requeued" "$job" "$run"
  says "lockstep-$job.log" "restart 1: coordinator at" "job $job was started again"
  says "lockstep-$job.log" "on from step" "and went on from a checkpoint"
done

# 3. Near the time limit: --signal=B:TERM@60 sends what scancel sends here.
job=$(submit)
run=runs/slurm-$job
await 120 "a checkpoint of job $job" has_begun "$run"
scancel --batch --signal=TERM "$job"
same_weights "SIGTERM to the batch script, requeued by itself" "$job" "$run"
says "lockstep-$job.log" "to be continued: back to the queue" "the script put the job back into the queue"

job=$(submit)
run=runs/slurm-$job
await 120 "a checkpoint of job $job" has_begun "$run"
scancel "$job"
await 60 "job $job to be cancelled" has_state "$job" CANCELLED
await 60 "its processes to end" is_gone "$run"
if [ "$(outcome_of "$run")" = stopped ] && has_state "$job" CANCELLED; then
  ok "cancelled: stopped and saved"
else
  bad "cancelled: $(outcome_of "$run"), $(state "$job")"
fi
job=$(LOCKSTEP_RUN=$run submit --ntasks-per-node=1)
more=$(LOCKSTEP_RUN=$run sbatch --parsable --dependency="after:$job" --cpus-per-task=1 "$here/workers.sbatch")
same_weights "another job goes on with the cancelled run" "$job" "$run"
await 30 "the job of one more worker to end" has_state "$more" COMPLETED && ok "a worker from another job joined and ended with the run"
says "$run/events.jsonl" "on from step" "it went on from a checkpoint"

job=$(LOCKSTEP_RUN=$run submit)
same_weights "a complete run" "$job" "$run"
says "lockstep-$job.log" "is complete" "it says that it is complete"
finish
