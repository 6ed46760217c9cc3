using System.Runtime.InteropServices;
using Lockstep.Model.Data;
using Lockstep.Model.Layers;
using Lockstep.Model.Reduction;
using Lockstep.Model.Simd;
using Lockstep.Model.Specs;
using Lockstep.Model.Training;

namespace Lockstep.Model.Tests.Training;

public class GradientLaneTests
{
    private static readonly int[] ShardCounts = [1, 2, 3, 4, 5, 6, 7, 8, 9, 16];

    public static TheoryData<int, int, string, Activation, double> Cuts
    {
        get
        {
            var data = new TheoryData<int, int, string, Activation, double>();
            foreach (int shards in ShardCounts)
            {
                foreach (int batch in new[] { 1, 3, 8, 13 })
                    data.Add(shards, batch, "20-17-5", Activation.Relu, 1.0);
            }

            data.Add(8, 13, "33-10", Activation.Linear, 1.0);
            data.Add(8, 13, "33-10", Activation.Linear, 0.7);
            data.Add(7, 16, "50-130-33-3", Activation.Relu, 1.0);
            data.Add(5, 20, "9-300-2", Activation.Relu, 0.5);
            foreach (Activation activation in Enum.GetValues<Activation>())
            {
                data.Add(3, 13, "20-17-5", activation, 0.6);
                data.Add(7, 16, "50-130-33-3", activation, 0.9);
            }
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cuts))]
    public void Compute_AnyNode_EqualsItsChildrenAddedUp(
        int shards, int batchSize, string model, Activation activation, double inputKeepProb)
    {
        RunSpec spec = TestRuns.Spec(model, batchSize, shards, keepProb: 0.6, activation: activation, inputKeepProb: inputKeepProb);
        ImageSet images = TestRuns.Images(spec);
        var layout = new ParameterLayout(spec.Model);
        var tree = new ReductionTree(shards);
        var weights = new float[layout.Length];
        Initialization.Fill(spec, layout, weights);
        foreach (SimdWidth width in KernelDispatch.Available)
        {
            var lane = new GradientLane(spec, layout, images, new ExampleOrder(spec), width);
            for (long step = 0; step < spec.StepsPerEpoch; step += Math.Max(1, spec.StepsPerEpoch - 1))
            {
                BatchPosition batch = BatchPosition.Of(spec, step);
                CheckNode(tree.Root);

                (float[] Gradient, NodeStatistics Statistics) CheckNode(TreeNode node)
                {
                    var gradient = new float[layout.Length];
                    gradient.AsSpan().Fill(float.NaN);
                    NodeStatistics statistics = lane.Compute(node, batch, weights, gradient);
                    if (node.Level == 0)
                        return (gradient, statistics);
                    var left = new TreeNode(node.Level - 1, node.Index * 2);
                    (float[] sum, NodeStatistics expected) = CheckNode(left);
                    if (tree.Contains(left.Sibling))
                    {
                        (float[] right, NodeStatistics other) = CheckNode(left.Sibling);
                        GradientSum.Add(sum, right, sum);
                        expected += other;
                    }

                    Assert.Equal(Bits(sum), Bits(gradient));
                    Assert.Equal(expected, statistics);
                    return (gradient, statistics);
                }
            }
        }
    }

    [Theory]
    [InlineData(Activation.Linear)]
    [InlineData(Activation.Relu)]
    [InlineData(Activation.Tanh)]
    [InlineData(Activation.Sigmoid)]
    [InlineData(Activation.LeakyRelu)]
    public void Compute_WholeBatch_LeavesNoNegativeZeroAndZeroPadding(Activation activation)
    {
        RunSpec spec = TestRuns.Spec(keepProb: 0.5, activation: activation, inputKeepProb: 0.5);
        var layout = new ParameterLayout(spec.Model);
        var weights = new float[layout.Length];
        Initialization.Fill(spec, layout, weights);
        var gradient = new float[layout.Length];
        gradient.AsSpan().Fill(float.NaN);
        new GradientLane(spec, layout, TestRuns.Images(spec), new ExampleOrder(spec))
            .Compute(new ReductionTree(spec.Shards).Root, BatchPosition.Of(spec, 0), weights, gradient);
        Assert.DoesNotContain(BitConverter.SingleToUInt32Bits(-0f), Bits(gradient));
        foreach (Parameter parameter in layout.Parameters)
        {
            for (int row = 0; row < parameter.Rows; row++)
                Assert.All(
                    gradient.AsSpan(parameter.Offset + row * parameter.Stride, parameter.Stride)[parameter.Columns..].ToArray(),
                    value => Assert.Equal(0f, value));
        }
    }

    [Theory]
    [InlineData("20-17-5", 8, 4, 0.5, Activation.Relu, 1.0)]
    [InlineData("30-300-70-10", 13, 6, 0.8, Activation.Relu, 1.0)]
    [InlineData("30-10", 1, 1, 1.0, Activation.Linear, 1.0)]
    [InlineData("30-10", 8, 4, 1.0, Activation.Linear, 0.7)]
    [InlineData("30-300-70-10", 13, 6, 0.8, Activation.Tanh, 0.9)]
    [InlineData("30-300-70-10", 13, 6, 0.8, Activation.Sigmoid, 0.9)]
    [InlineData("30-300-70-10", 13, 6, 0.8, Activation.LeakyRelu, 0.9)]
    [InlineData("30-300-70-10", 13, 6, 0.8, Activation.Linear, 0.9)]
    [InlineData("20-17-5", 8, 4, 1.0, Activation.Tanh, 1.0)]
    [InlineData("20-17-5", 8, 4, 1.0, Activation.Sigmoid, 1.0)]
    public void Training_EveryWidth_GivesTheBytesOfTheScalarReference(
        string model, int batchSize, int shards, double keepProb, Activation activation, double inputKeepProb)
    {
        RunSpec spec = TestRuns.Spec(model, batchSize, shards, keepProb: keepProb, activation: activation, inputKeepProb: inputKeepProb);
        ImageSet images = TestRuns.Images(spec);
        var digests = KernelDispatch.Available.Select(width =>
        {
            var trainer = new LocalTrainer(spec, images, width);
            NodeStatistics statistics = trainer.Run(12);
            return (trainer.WeightsSha256, statistics, NumericsFingerprint.Compute(width, everyKind: true));
        });
        Assert.Single(digests.Distinct());
    }

    internal static uint[] Bits(ReadOnlySpan<float> values) => MemoryMarshal.Cast<float, uint>(values).ToArray();
}
