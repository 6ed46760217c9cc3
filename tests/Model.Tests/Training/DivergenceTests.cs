using Lockstep.Model.Data;
using Lockstep.Model.Layers;
using Lockstep.Model.Specs;
using Lockstep.Model.Training;

namespace Lockstep.Model.Tests.Training;

public class DivergenceTests
{
    [Theory]
    [InlineData(Activation.Relu)]
    [InlineData(Activation.Tanh)]
    [InlineData(Activation.Sigmoid)]
    [InlineData(Activation.LeakyRelu)]
    [InlineData(Activation.Linear)]
    public void Step_NaNInAHiddenLayer_ReachesTheLoss(Activation activation)
    {
        RunSpec spec = TestRuns.Spec(activation: activation);
        LocalTrainer trainer = Trainer(spec, "layer0/biases", float.NaN);
        var diverged = Assert.Throws<DivergenceException>(() => trainer.Step());
        Assert.Equal("Training diverged in step 4: its loss is NaN.", diverged.Message);
        Assert.Equal(2, diverged.LastFiniteStep);
    }

    /// <summary>No image has the pixel, so the forward pass takes no notice of its weights.</summary>
    [Fact]
    public void Step_NaNWeightOfAPixelThatIsAlwaysZero_IsFoundByTheUpdate()
    {
        RunSpec spec = TestRuns.Spec();
        var black = ImageSet.FromDense(new byte[spec.Data.TrainingExamples * 20], TestRuns.Images(spec).Labels, 1, 20);
        LocalTrainer trainer = Trainer(spec, "layer0/weights", float.NegativeInfinity, black);
        var diverged = Assert.Throws<DivergenceException>(() => trainer.Step());
        Assert.Equal(
            "Training diverged in step 4: layer0/weights has 1 of 340 values not finite, the first at [1, 3] (NaN).", diverged.Message);
        Assert.Equal(3, diverged.LastFiniteStep);
    }

    [Fact]
    public void Step_RateFarTooHigh_StopsBeforeAWeightIsNotFiniteForLong()
    {
        RunSpec spec = TestRuns.Spec(learningRate: 1e30, l2: 0.1, steps: 100);
        var trainer = new LocalTrainer(spec, TestRuns.Images(spec));
        var diverged = Assert.Throws<DivergenceException>(() => trainer.Run(spec.TotalSteps));
        Assert.InRange(trainer.CompletedSteps, 1, 5);
        Assert.InRange(diverged.LastFiniteStep, trainer.CompletedSteps - 1, trainer.CompletedSteps);
    }

    /// <summary>
    /// A trainer that is said to have taken three steps, with one value of a parameter replaced: the fourth of its second row or, of a
    /// vector, of its first.
    /// </summary>
    private static LocalTrainer Trainer(RunSpec spec, string name, float value, ImageSet? images = null)
    {
        var layout = new ParameterLayout(spec.Model);
        float[] weights = new float[layout.Length];
        Initialization.Fill(spec, layout, weights);
        Parameter parameter = layout.Parameters.Single(parameter => parameter.Name == name);
        weights[parameter.Offset + (parameter.Rows > 1 ? parameter.Stride : 0) + 3] = value;
        return new LocalTrainer(spec, images ?? TestRuns.Images(spec), 3, weights, new float[layout.TrainableLength]);
    }
}
