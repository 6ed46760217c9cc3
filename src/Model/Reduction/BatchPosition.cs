using Lockstep.Model.Specs;

namespace Lockstep.Model.Reduction;

/// <summary>Position of a step's batch in the run.</summary>
/// <param name="Step">Step, from 0.</param>
/// <param name="Epoch">Epoch, from 0.</param>
/// <param name="First">Position of the batch's first example in the epoch's permutation.</param>
/// <param name="Count">Examples of the batch; fewer than the batch size at the end of an epoch.</param>
public readonly record struct BatchPosition(long Step, int Epoch, int First, int Count)
{
    /// <summary>The batch of a step.</summary>
    public static BatchPosition Of(RunSpec spec, long step)
    {
        ArgumentNullException.ThrowIfNull(spec);
        int epoch = (int)(step / spec.StepsPerEpoch);
        int first = (int)(step % spec.StepsPerEpoch) * spec.BatchSize;
        return new BatchPosition(step, epoch, first, Math.Min(spec.BatchSize, spec.Data.TrainingExamples - first));
    }

    /// <summary>Examples of a node's shards.</summary>
    public int ExamplesOf(TreeNode node, ReductionTree tree)
    {
        ArgumentNullException.ThrowIfNull(tree);
        return ShardStart(tree.EndShard(node), tree.Shards) - ShardStart(node.FirstShard, tree.Shards);
    }

    /// <summary>First position of a shard in the batch; for <c>shard + 1</c> its end: floor(shard · count / shards).</summary>
    public int ShardStart(int shard, int shards) => (int)((long)shard * Count / shards);
}
