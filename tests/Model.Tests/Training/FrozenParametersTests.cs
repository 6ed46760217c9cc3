using Lockstep.Model.Data;
using Lockstep.Model.Layers;
using Lockstep.Model.Reduction;
using Lockstep.Model.Specs;
using Lockstep.Model.Training;

namespace Lockstep.Model.Tests.Training;

public class FrozenParametersTests
{
    private static readonly string[] Names =
        ["layer0/weights", "layer0/biases", "layer1/weights", "layer1/biases", "layer2/weights", "layer2/biases"];

    /// <summary>Every choice of frozen parameters of a network with two hidden layers, but that of all.</summary>
    public static TheoryData<int> Choices => [.. Enumerable.Range(0, (1 << Names.Length) - 1)];

    [Theory]
    [MemberData(nameof(Choices))]
    public void Compute_AnyFrozen_GivesTheOthersTheSameGradient(int frozen)
    {
        RunSpec free = TestRuns.Spec("20-17-9-5", keepProb: 0.7), part = Freeze(free, frozen);
        ImageSet images = TestRuns.Images(free);
        BatchPosition batch = BatchPosition.Of(free, 2);
        var root = new ReductionTree(free.Shards).Root;
        (ParameterLayout Layout, float[] Gradient, NodeStatistics Statistics) Compute(RunSpec spec)
        {
            var layout = new ParameterLayout(spec.Model);
            float[] weights = new float[layout.Length], gradient = new float[layout.TrainableLength];
            Initialization.Fill(spec, layout, weights);
            Array.Fill(gradient, float.NaN);
            return (layout, gradient, new GradientLane(
                spec, layout, images, new ExampleOrder(spec)).Compute(root, batch, weights, gradient));
        }

        var expected = Compute(free);
        var actual = Compute(part);
        Assert.Equal(expected.Statistics, actual.Statistics);
        Assert.DoesNotContain(actual.Gradient, float.IsNaN);
        foreach (Parameter parameter in actual.Layout.Trainable)
            Assert.Equal(
                Values(expected.Layout.Parameters.First(other => other.Name == parameter.Name), expected.Gradient),
                Values(parameter, actual.Gradient));
    }

    [Theory]
    [InlineData(0b000011, false)]
    [InlineData(0b101010, false)]
    [InlineData(0b111100, false)]
    [InlineData(0b000011, true)]
    [InlineData(0b101010, true)]
    public void Run_SomeFrozen_LeavesTheirBytesAndTrainsTheRest(int frozen, bool adamW)
    {
        RunSpec spec = Freeze(TestRuns.Spec("20-17-9-5", l2: 0.1, optimizer: adamW ? new AdamWSpec { LearningRate = 0.01 } : null), frozen);
        var trainer = new LocalTrainer(spec, TestRuns.Images(spec));
        float[] before = trainer.Weights.ToArray();
        trainer.Run(spec.TotalSteps);
        foreach (Parameter parameter in trainer.Layout.Parameters)
            Assert.Equal(!parameter.IsTrainable, Values(parameter, before).SequenceEqual(Values(parameter, trainer.Weights.ToArray())));
        Assert.Equal(spec.Optimizer.Slots.Count * trainer.Layout.TrainableLength, trainer.State.Length);
    }

    [Fact]
    public void Run_RateAndPenaltyOfItsOwn_ApplyToThatParameterAlone()
    {
        RunSpec plain = TestRuns.Spec(steps: 1, momentum: 0, l2: 0, learningRate: 0.1);
        RunSpec own = plain with
        {
            Model = plain.Model.WithParameters(parameter => parameter.Name == "layer1/biases"
                ? parameter with { LearningRate = 0.2, L2 = 0.5, Initializer = Initializer.Parse("constant(1)") }
                : parameter),
        };
        RunSpec start = own with { Model = own.Model.WithParameters(parameter => parameter with { LearningRate = null, L2 = null }) };
        ImageSet images = TestRuns.Images(plain);
        float[] Run(RunSpec spec)
        {
            var trainer = new LocalTrainer(spec, images);
            trainer.Step();
            return trainer.Weights.ToArray();
        }

        float[] with = Run(own), without = Run(start);
        foreach (Parameter parameter in new ParameterLayout(plain.Model).Parameters)
        {
            float[] a = Values(parameter, with), b = Values(parameter, without);
            if (parameter.Name != "layer1/biases")
            {
                Assert.Equal(b, a);
                continue;
            }

            // One step from 1: without, 1 - 0.1 g; with, 1 - 0.2 (g + 0.5).
            for (int i = 0; i < a.Length; i++)
                Assert.Equal(1 - (2 * (1 - b[i])) - 0.1f, a[i], 1e-5f);
        }
    }

    private static RunSpec Freeze(RunSpec spec, int frozen) => spec with
    {
        Model = spec.Model.WithParameters(
            parameter => parameter with { IsTrainable = (frozen >> Array.IndexOf(Names, parameter.Name) & 1) == 0 }),
    };

    private static float[] Values(Parameter parameter, float[] flat)
    {
        float[] values = new float[parameter.Count];
        parameter.CopyOut(flat, values);
        return values;
    }
}
