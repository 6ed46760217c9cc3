using Lockstep.Coordinator.Links;
using Lockstep.Coordinator.Server;
using Lockstep.Model.Layers;
using Lockstep.Model.Memory;
using Lockstep.Model.Optimizers;
using Lockstep.Model.Reduction;
using Lockstep.Model.Specs;

namespace Lockstep.Coordinator.Tests.Server;

public class WeightsUpdateTests
{
    /// <summary>64,000 parameters and more are updated by two threads where there are two processors, four by one.</summary>
    [Theory]
    [InlineData("4-2", null)]
    [InlineData("4-8000-2", null)]
    [InlineData("4-2", 0.5)]
    [InlineData("4-8000-2", 20.0)]
    public void Apply_ManySteps_GivesTheBitsOfTheOptimizer(string model, double? clipNorm)
    {
        RunSpec spec = SmallRun.Options(model, momentum: 0.9, l2: 0.01).Spec;
        spec = spec with { Optimizer = spec.Optimizer with { ClipNorm = clipNorm } };
        var layout = new ParameterLayout(spec.Model);
        var optimizer = Optimizer.Create(spec, layout);
        var update = new WeightsUpdate(spec, layout);
        var gradients = new GradientPool(layout.TrainableLength);
        AlignedBuffer weights = Drawn(layout.Length, 1), expected = Drawn(layout.Length, 1);
        var velocity = new float[optimizer.StateLength];
        for (int step = 0; step < 200; step++)
        {
            NodeGradient sum = gradients.Rent(), addend = gradients.Rent();
            Drawn(layout.TrainableLength, step).Span.CopyTo(sum.Buffer.Span);
            Drawn(layout.TrainableLength, -step).Span.CopyTo(addend.Buffer.Span);
            BatchPosition batch = BatchPosition.Of(spec, step % 10);
            optimizer.Apply(batch, sum.Buffer.Span, addend.Buffer.Span, expected.Span, velocity, expected.Span);
            update.Apply(batch, gradients.Add(sum, addend), weights, weights);
            Assert.True(
                expected.Span.SequenceEqual(weights.Span) && velocity.AsSpan().SequenceEqual(update.State), $"Step {step} differs.");
            gradients.Return(sum);
        }

        update.Stop();
    }

    private static AlignedBuffer Drawn(int length, int seed)
    {
        var buffer = new AlignedBuffer(length);
        for (int i = 0; i < length; i++)
            buffer.Span[i] = (i * 31 + seed * 17) % 101 / 101f;
        return buffer;
    }
}
