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
            "DrawMasks(batch.Step, first, rows);",
            "DrawMasks(batch.Step, 0, rows);"),

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
        new("ReissueOnlyOnce", "What a lost worker owed is asked of others once in a step, and not again when they are lost too.", "Coordinator/Decisions/StepDecisions.cs",
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
            "if (velocity.Length > 0)",
            "if (velocity.Length < 0)"),
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
        new("SkipDigest", "The digest of a checkpoint is not checked.", "Shared/Checkpoints/CheckpointCodec.cs",
            "if ((ulong)bytes.Length > length || !actual.SequenceEqual(stored))",
            "if ((ulong)bytes.Length > length)"),
        new("LoadOldest", "The oldest checkpoint is loaded instead of the newest.", "Shared/Checkpoints/CheckpointStore.cs",
            "List().Where(file => file.Step < step).OrderByDescending(",
            "List().Where(file => file.Step < step).OrderBy("),
        new("RemoveNewest", "The checkpoint that was just written is removed too.", "Shared/Checkpoints/CheckpointStore.cs",
            ".Skip(keep)",
            ".Skip(0)"),
        new("KeepAll", "Checkpoints are never removed.", "Shared/Checkpoints/CheckpointStore.cs",
            "Where(file => file.Step <= step)",
            "Where(file => file.Step > step)"),
    ];
}
