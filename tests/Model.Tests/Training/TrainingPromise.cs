using Lockstep.Model.Data;
using Lockstep.Model.Layers;
using Lockstep.Model.Reduction;
using Lockstep.Model.Simd;
using Lockstep.Model.Specs;
using Lockstep.Model.Training;

namespace Lockstep.Model.Tests.Training;

/// <summary>What holds for every kind of examples and layers.</summary>
internal static class TrainingPromise
{
    /// <summary>A node's gradient is that of its children added up, and has the same bits at every width.</summary>
    public static void AssertNodesAreSums(RunSpec spec, Examples examples)
    {
        var layout = new ParameterLayout(spec.Model);
        var tree = new ReductionTree(spec.Shards);
        var weights = new float[layout.Length];
        Initialization.Fill(spec, layout, weights);
        BatchPosition batch = BatchPosition.Of(spec, 1);
        float[]? reference = null;
        foreach (SimdWidth width in KernelDispatch.Available)
        {
            var lane = new GradientLane(spec, layout, examples, new ExampleOrder(spec), width);
            float[] whole = new float[layout.Length], left = new float[layout.Length], right = new float[layout.Length];
            NodeStatistics statistics = lane.Compute(tree.Root, batch, weights, whole);
            var half = new TreeNode(tree.Root.Level - 1, 0);
            NodeStatistics sum = lane.Compute(half, batch, weights, left) + lane.Compute(half.Sibling, batch, weights, right);
            GradientSum.Add(left, right, left);

            Assert.Equal(statistics, sum);
            Assert.Equal(GradientLaneTests.Bits(whole), GradientLaneTests.Bits(left));
            reference ??= whole;
            Assert.Equal(GradientLaneTests.Bits(reference), GradientLaneTests.Bits(whole));
        }
    }

    /// <summary>A run that is resumed, on any number of lanes, ends in the same bytes.</summary>
    public static void AssertResumes(RunSpec spec, Examples examples)
    {
        var whole = new LocalTrainer(spec, examples);
        whole.Run(spec.TotalSteps);
        var first = new LocalTrainer(spec, examples);
        first.Run(4);
        foreach (int lanes in new[] { 1, 2, 3 })
        {
            var second = new LocalTrainer(spec, examples, first.CompletedSteps, first.Weights, first.State, lanes);
            while (second.CompletedSteps < spec.TotalSteps)
                second.Step();
            Assert.Equal(GradientLaneTests.Bits(whole.Weights), GradientLaneTests.Bits(second.Weights));
        }
    }
}
