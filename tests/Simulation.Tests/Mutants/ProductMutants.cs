
namespace Lockstep.Simulation.Tests.Mutants;

/// <summary>Bugs of the product that the simulation has to find.</summary>
internal static class ProductMutants
{
    public static IReadOnlyList<Mutant> All { get; } =
    [
        // Sums
        new("CountDuplicate", "A second copy of a node is added too.", "Model/Reduction/TreeReduction.cs",
            "        if (Covers(node))\n",
            """
                    if (_held[node.Level][node.Index] is { } first)
                    {
                        _held[node.Level][node.Index] = _add(first, value);
                        return true;
                    }

                    if (Covers(node))

            """),
        new("KeepParts", "Parts of a node that came before the whole stay where they are.", "Model/Reduction/TreeReduction.cs",
            "        DiscardBelow(node);\n        while",
            "        while"),
        new("OtherAssociation", "Sums depend on where they were computed: a + (b + c) instead of (a + b) + c.",
            "Coordinator/Links/NodeGradient.cs",
            "        Settle(left);\n        Settle(right);\n",
            """
                    Settle(right);
                    if (left.Addend is { } addend)
                    {
                        GradientSum.Add(addend.Buffer.Span, right.Buffer.Span, addend.Buffer.Span);
                        left.Statistics += right.Statistics;
                        Return(right);
                        return left;
                    }

            """),
        new("LoseAddend", "What is still to be added to the right half is lost.", "Coordinator/Links/NodeGradient.cs",
            "        Settle(right);\n",
            ""),
        new("MaskKeyedByPlaceInNode", "Dropout masks depend on where a batch is cut.", "Model/Training/GradientLane.cs",
            "Network.Prepare(BatchRows.Of(batch, first, count));",
            "Network.Prepare(BatchRows.Of(batch, 0, count));"),
        new("NormaliseOverTheNode", "Means of a batch depend on where it is cut.", "Model/Layers/BatchNormLayer.cs",
            "FindAverages<ValueTerm>(input, bounds, means);",
            "FindAverages<ValueTerm>(input, [0, Rows], means);"),

        // Steps
        new("AcceptStaleStep", "A gradient of another step is taken for one of this step.", "Coordinator/Decisions/StepDecisions.cs",
            "        if (step != Step || !_isUnderWay)\n        {",
            "        if (step > Step || !_isUnderWay)\n        {"),
        new("AcceptStaleTerm", "Frames of an older term pass.", "Shared/Streaming/FrameOrigin.cs",
            "if (header.Term != Term)",
            "if (header.Term > Term)"),
        new("AcceptOtherRun", "Frames of another run pass.", "Shared/Streaming/FrameOrigin.cs",
            "if (header.Run != Run)",
            "if (header.Run == 0)"),
        new("LeakGradients", "Buffers of gradients that are not needed are not given back.", "Coordinator/Decisions/StepDecisions.cs",
            "            _discard(value);\n            return Arrival.Stale;",
            "            return Arrival.Stale;"),
        new("UpdateInPlace", "A step is written into weights that somebody else still has.",
            "Coordinator/Weights/WeightsVersion.cs",
            "if (!current.IsHeldOnce)",
            "if (current.Step > step)"),

        // Workers that come and go
        new(
            "ReissueOnlyOnce", "What a lost worker owed is asked of others once in a step, and not again when they are lost too.",
            "Coordinator/Decisions/StepDecisions.cs",
            "        if (!_isUnderWay || IsComplete)\n            return [];\n\n        bool[]",
            "        if (!_isUnderWay || IsComplete || _reissued.Count > 0)\n            return [];\n\n        bool[]"),
        new("KeepLostWorker", "A lost worker stays in the roster.", "Coordinator/Decisions/StepDecisions.cs",
            "        _workers = workers;\n",
            "        _workers = [.. workers, .. _workers.Where(worker => !workers.Any(other => other.Worker == worker.Worker))];\n"),
        new("LetGoAtOnce", "A worker that wants to leave is let go before it has answered.", "Coordinator/Decisions/StepDecisions.cs",
            "!_released.Contains(worker.Worker) && !Owes(worker.Worker)",
            "!_released.Contains(worker.Worker)"),
        new("NeverLetGo", "A worker that wants to leave is never let go.", "Coordinator/Decisions/StepDecisions.cs",
            "        if (!_someoneLeaves)\n",
            "        if (_workers.Count > 0)\n"),
        new("HalfAPart", "Of a node that two lanes compute, one half is left out.", "Worker/Lanes/WorkItem.cs",
            "if (tree.Contains(left.Sibling))",
            "if (!tree.Contains(left.Sibling))"),

        // Resuming
        new("ForgetMomentum", "Momentum is not restored.", "Coordinator/Runs/RunState.cs",
            "CheckpointTensors.CopySlotsTo(_resumed.Slots, Layout, state);",
            "state.Clear();"),
        new("ResumeOneStepLate", "A resumed run goes on one step later than its checkpoint.", "Coordinator/Runs/RunState.cs",
            "public long FirstStep => _resumed?.Step ?? 0;",
            "public long FirstStep => _resumed?.Step + 1 ?? 0;"),
        new("ForgetUnreported", "A resumed run forgets the statistics that were not reported yet.", "Coordinator/Runs/RunState.cs",
            "return _resumed.Unreported;",
            "return default;"),
        new("ReportOneStepEarly", "A line of metrics is written one step before its time.", "Coordinator/Decisions/StepEnds.cs",
            "RecordsMetrics: last || IsDue(evaluateEverySteps)",
            "RecordsMetrics: last || (evaluateEverySteps > 0 && (completedSteps + 1) % evaluateEverySteps == 0)"),

        // Files
        new("RenameBeforeFlush", "Files get their name before their content is safe.", "Shared/Files/Disk.cs",
            "                Flush(file);\n",
            ""),
        new("FolderNotFlushed", "The folder is not flushed: new names may be lost.", "Shared/Files/Disk.cs",
            "        FlushFolderOf(path);\n",
            ""),
        new("WriteInPlace", "Files are written under their own names.", "Shared/Files/Disk.cs",
            "string temporary = $\"{path}.",
            "string temporary = path; _ = $\"{path}."),
        new("SkipDigest", "The digest of a checkpoint is not checked.", "Shared/Checkpoints/CheckpointEnvelope.cs",
            "if ((ulong)bytes.Length > length || !actual.SequenceEqual(stored))",
            "if ((ulong)bytes.Length > length)"),
        new("LoadOldest", "The oldest checkpoint is loaded instead of the newest.", "Shared/Checkpoints/CheckpointStore.cs",
            "in files.OrderByDescending(",
            "in files.OrderBy("),
        new("RemoveNewest", "The checkpoint that was just written is removed too.", "Shared/Checkpoints/CheckpointStore.cs",
            ".Skip(keep)",
            ".Skip(0)"),
        new("KeepAll", "Checkpoints are never removed.", "Shared/Checkpoints/CheckpointStore.cs",
            "Where(file => file.Step <= step)",
            "Where(file => file.Step > step)"),

        new("NewestBeforeBest", "A checkpoint is saved before the best one up to its step.", "Coordinator/Server/Snapshots.cs",
            "(_waitingBest ?? _waiting) is not",
            "(_waiting ?? _waitingBest) is not"),
        new("BestNotReplicated", "Standbys do not get the best checkpoint.", "Coordinator/Peers/PeerLink.cs",
            "            SendCheckpoint(kept.Path, kept.Step, ReplicaFile.Best);\n",
            "            _ = kept.Path;\n"),
        new("BestNotTriedAgain", "A best checkpoint that could not be saved is forgotten.", "Coordinator/Saving/Checkpointer.cs",
            "            SaveBest(mayFail: snapshot.IsFinal);\n",
            "            if (snapshot.IsBest)\n                SaveBest(mayFail: false);\n"),

        // Links
        new(
            "ReissueWithoutWeights", "A worker that joined within a step is asked for nodes but gets no weights.",
            "Coordinator/Links/Outbox.cs",
            "                Begin(weights.Step, []);\n                (_weights, _slices) = (weights.Hold(), null);\n",
            "                Begin(weights.Step, []);\n"),
        new("LeakWeights", "The weights that a lost worker was to get are not given back.", "Coordinator/Links/Outbox.cs",
            "            _closed = true;\n            ReleaseWeights();\n",
            "            _closed = true;\n"),
        new("LeakReplacedWeights", "Weights that newer ones replace are not given back.", "Coordinator/Links/Outbox.cs",
            "            _reissued.Clear();\n        ReleaseWeights();\n",
            "            _reissued.Clear();\n"),

        // Members
        new("IgnoreLeaving", "A worker that wants to leave is not listened to.", "Coordinator/Workers/WorkerAdmission.cs",
            "return _members[id.Value] = member with { State = new Admission.Leaving(ready.Link, reason) };",
            "return ready.Link is null ? member : null;"),
        new("TakeLeavingForLost", "What a leaving worker owes is asked of others at once.", "Coordinator/Workers/WorkerAdmission.cs",
            "Where(member => member.IsReady || member.Leaving is not null).Select",
            "Where(member => member.IsReady).Select"),

        // Lanes
        new("ComputeWithOldWeights", "A worker computes the next step with the weights that it has.", "Worker/Lanes/LaneWork.cs",
            "        _current = weights;\n",
            "        if (_current is not { Readers: > 0 })\n            _current = weights;\n"),
        new("StaleLaneResult", "A node that was computed for an earlier step is sent in this one.", "Worker/Lanes/LaneWork.cs",
            "if (task.Step != _step)",
            "if (task.Step > _step)"),
        new(
            "TellStepByBuffer", "A result counts for the step under way when its weights were in the same memory.",
            "Worker/Lanes/LaneWork.cs",
            "if (task.Step != _step)",
            "if (task.Weights != _current)"),
        new(
            "ReuseSlotAtOnce", "A worker uses a slot of shared memory again as soon as the gradient in it is announced.",
            "Worker/Lanes/LaneWork.cs",
            "            _kept.Add(finished);\n        return finished;\n",
            "            _freeShared.Push(finished);\n        return finished;\n"),

        // Slices
        new("StayWithSlices", "A worker that is asked for a step directly still sends slices.", "Worker/Slices/SliceExchange.cs",
            "current.Number != step || _isDirect || !current.IsOwn",
            "current.Number != step || !current.IsOwn"),
        new("ForgetComputedNodes", "Nodes that were computed before a step was asked for directly are not sent.",
            "Worker/Sessions/SessionProtocol.cs",
            "                foreach (OwnNode node in own)\n",
            "                foreach (OwnNode node in own.Take(0))\n"),
        new("SumNotWhole", "A sum is taken before its last slice is there.", "Coordinator/Links/SliceAssembly.cs",
            "if (sum.Received < length)",
            "if (sum.Received + slice.Count < length)"),
        new("SumOfOldStep", "Slices of the sum of an older step are put together with those of this one.",
            "Coordinator/Links/SliceAssembly.cs",
            "header.Step == _step && _group is",
            "_group is"),
        new("WeightsNotWhole", "A worker computes before it has all slices of the weights.", "Worker/Slices/SliceStep.cs",
            "if (_total < Length ||",
            "if (_total + slice.Count < Length ||"),
        new("GradientReusedAtOnce", "A lane uses a gradient again while slices of it wait to be sent.", "Worker/Sessions/SessionProtocol.cs",
            "            return true;\n        SendToCoordinator(",
            "            return false;\n        SendToCoordinator("),
        new("ColumnNotWhole", "The head of a column sends its sum before all parts are there.", "Worker/Slices/SliceStep.cs",
            "if (sum.Received == column.Count)",
            "if (sum.Parts.Count == 1)"),
        new("ColumnOfOtherNodes", "The head of a column puts parts of the sums of different nodes together.", "Worker/Slices/SliceStep.cs",
            "_columns.TryGetValue((column, node), out",
            "_columns.TryGetValue((column, _place.Sums[0]), out"),
        new("PartWithoutStatistics", "A worker's own part of its row's sum has no statistics.", "Worker/Slices/SliceStep.cs",
            "            own.Statistics = sum.Statistics;\n",
            ""),
        new("SliceOfAnother", "A worker gets the slice that another one adds up.", "Worker/Slices/SliceStep.cs",
            "Post(worker, own.Node, own.Result.Statistics, slice, own.Result);",
            "Post(worker, own.Node, own.Result.Statistics, _place.RowMates[0].Slice, own.Result);"),
        new("UsedBeforeLinked", "A plan is used before all of its workers have heard from each other.",
            "Coordinator/Decisions/SliceDecisions.cs",
            "_linked.Count == group.Members.Count;",
            "_linked.Count > 0;"),
        new("ToldBeforeLinked", "A worker says that it has heard from all others when it has heard from one.", "Worker/Slices/SliceMates.cs",
            "if (!_mates.All(mate =>",
            "if (!_mates.Any(mate =>"),

        // Leaders
        new("KeepOldTerm", "A run that is resumed keeps the term of its checkpoint.", "Coordinator/Peers/Leadership.cs",
            "_own with { Term = ++_newestTerm }",
            "_own with { Term = _newestTerm = Math.Max(1, _newestTerm) }"),
        new("NeverYield", "A leader that meets one which is further goes on.", "Coordinator/Peers/Leadership.cs",
            "Compare(_self, Status, other, _views[other].Status!) < 0",
            "Compare(_self, Status, other, _views[other].Status!) < -1"),
        new("YieldNotYetBegun", "A leader that is to yield before its training has begun goes on.", "Coordinator/Peers/LeadershipRole.cs",
            "Pass(new YieldRun(yield.Name));",
            "_coordination?.Tell(new YieldRun(yield.Name));"),
        new("LeadAlways", "A coordinator that hears a leader leads as well.", "Coordinator/Peers/Leadership.cs",
            "            if (now >= _notBefore)\n                Follow(leader);\n            return;\n",
            ""),
        new(
            "ForgetThatItLeadsNoMore", "A worker goes by an answer that the same coordinator has taken back.",
            "Worker/Hosting/LeaderSearch.cs",
            "_foundAt = _answers.Values.Any(other => other.IsLeading) ? _foundAt ?? now : null;",
            "_foundAt = answer.IsLeading ? _foundAt ?? now : _foundAt;"),
        new("SeekInSilence", "A coordinator does not say for what it waits.", "Coordinator/Peers/LeadershipRole.cs",
            "ports.Events.Report(new RunEvent.SeekingLeader(wait.Reason));",
            "_ = wait.Reason;"),

        // Files of several parts
        new(
            "TraceNotFlushed", "The trace of a checkpoint's step is not on the disk when the checkpoint is.",
            "Coordinator/Saving/Checkpointer.cs",
            "Trace([], flushToDisk: true);",
            "Trace([], flushToDisk: false);"),
        new(
            "ReplicatedTraceNotFlushed", "The trace that a standby has of a checkpoint's step is not on its disk when the checkpoint is.",
            "Coordinator/Peers/ReplicaFolder.cs",
            "                _disk.Flush(file);\n",
            "                _ = file.Length;\n"),
    ];
}
