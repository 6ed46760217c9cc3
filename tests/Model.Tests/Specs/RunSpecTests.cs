using Lockstep.Model.Specs;

namespace Lockstep.Model.Tests.Specs;

public class RunSpecTests
{
    private static readonly RunSpec Good = TestRuns.Spec(keepProb: 0.5);

    public static TheoryData<string, RunSpec> Mistakes => new()
    {
        { "Batch size 0", Good with { BatchSize = 0 } },
        { "Shards 0", Good with { Shards = 0 } },
        { "Shards 4097", Good with { Shards = 4097 } },
        { "Steps 0", Good with { TotalSteps = 0 } },
        { "Learning rate 0", Good with { Optimizer = Good.Optimizer with { LearningRate = 0 } } },
        { "Learning rate NaN", Good with { Optimizer = Good.Optimizer with { LearningRate = double.NaN } } },
        { "Learning rate 1E+40", Good with { Optimizer = Good.Optimizer with { LearningRate = 1e40 } } },
        { "Momentum 1", Good with { Optimizer = (SgdSpec)Good.Optimizer with { Momentum = 1 } } },
        { "L2 -1", Good with { Optimizer = Good.Optimizer with { L2 = -1 } } },
        { "L2 NaN", Good with { Optimizer = Good.Optimizer with { L2 = double.NaN } } },
        { "Norm to clip gradients at 0;", Good with { Optimizer = Good.Optimizer with { ClipNorm = 0 } } },
        { "Norm to clip gradients at NaN", Good with { Optimizer = Good.Optimizer with { ClipNorm = double.NaN } } },
        { "Nesterov momentum with momentum 0", Good with { Optimizer = new SgdSpec { LearningRate = 0.1, IsNesterov = true } } },
        { "Label smoothing 1;", Good with { LabelSmoothing = 1 } },
        { "Label smoothing NaN", Good with { LabelSmoothing = double.NaN } },
        { "A class weight -1;", Good with { ClassWeights = [1, 1, -1, 1, 1] } },
        { "A class weight Infinity;", Good with { ClassWeights = [1, 1, double.PositiveInfinity, 1, 1] } },
        { "3 class weights for the 5 outputs", Good with { ClassWeights = [1, 1, 1] } },
        { "Class weights that are all 0", Good with { ClassWeights = [0, 0, 0, 0, 0] } },
        { "with the loss MeanSquaredError", Good with { Loss = LossKind.MeanSquaredError, LabelSmoothing = 0.1 } },
        { "with the loss MeanSquaredError", Good with { Loss = LossKind.MeanSquaredError, ClassWeights = [1, 1, 1, 1, 1] } },
        { "The augmentation rotate 181; expected", Good with { Augmentation = new AugmentationSpec { Rotate = 181 } } },
        { "The augmentation scale NaN; expected", Good with { Augmentation = new AugmentationSpec { Scale = double.NaN } } },
        { "The augmentation shift -1; expected", Good with { Augmentation = new AugmentationSpec { Shift = -1, Flip = 1 } } },
        { "strengths are all 0", Good with { Augmentation = new AugmentationSpec() } },
        { "Warm-up steps -1", Good with { Optimizer = Good.Optimizer with { Schedule = new LearningRateSchedule { WarmupSteps = -1 } } } },
        { "Training examples 0", Good with { Data = Good.Data with { TrainingExamples = 0 } } },
        { "keep probability 0;", Good with { Model = ModelSpec.Parse("20-17-5", keepProb: 0) } },
        { "keep probability 1.5", Good with { Model = ModelSpec.Parse("20-17-5", keepProb: 1.5) } },
        { "keep probability NaN", Good with { Model = ModelSpec.Parse("20-17-5", keepProb: double.NaN) } },
        { "standard deviation is -1", Good with { Model = Change(
            0,
            layer => layer with { Weights = layer.Weights with { Initializer = new Initializer(
                InitializerKind.RandomNormal, 0, -1) } }) } },
        { "L2 -2", Good with { Model = Change(0, layer => layer with { Biases = layer.Biases with { L2 = -2 } }) } },
        { "layer1/weights has the learning rate 0;", Good with { Model = Change(
            1, layer => layer with { Weights = layer.Weights with { LearningRate = 0 } }) } },
        { "2 parameters have the name 'layer0/biases'", Good with { Model = Change(
            1, layer => layer with { Biases = layer.Biases with { Name = "layer0/biases" } }) } },
        { "'a*b' contains '*'", Good with { Model = Change(0, layer => layer with { Weights = layer.Weights with { Name = "a*b" } }) } },
        { "Every parameter is frozen", Good with { Model = Good.Model.WithParameters(
            parameter => parameter with { IsTrainable = false }) } },
        { "The input has keep probability 0;", Good with { Model = Good.Model with { InputKeepProb = 0 } } },
        { "layer1 takes 16 values; the layer before gives 17.", Good with { Model = Change(1, layer => layer with { Inputs = 16 }) } },
        { "activation 99; expected Linear, Relu, Tanh, Sigmoid, LeakyRelu, Gelu, Silu.", Good with { Model = Change(
            0, layer => layer with { Activation = (Activation)99 }) } },
        { "activation Tanh; expected Linear, as it is the last layer.", Good with { Model = Change(
            1, layer => layer with { Activation = Activation.Tanh }) } },
        { "257 layers; expected a whole number from 1 to 256.", Good with { Model = Append(
            ModelSpec.Parse("20" + string.Concat(Enumerable.Repeat("-2", 256))), "more") } },
        { "last layer has no dropout", Good with { Model = Change(1, layer => layer with { KeepProb = 0.5 }) } },
        { "the same name", Good with { Model = Change(1, layer => layer with { Name = "layer0" }) } },
    };

    [Fact]
    public void Validate_GoodSpec_FindsNothing() => Assert.Empty(Good.Validate());

    [Fact]
    public void Validate_AnyActivationOfAHiddenLayer_FindsNothing()
    {
        foreach (Activation activation in Enum.GetValues<Activation>())
            Assert.Empty((Good with { Model = Change(0, layer => layer with { Activation = activation }) }).Validate());
    }

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void Validate_OneMistake_IsTheOneProblem(string problem, RunSpec spec) =>
        Assert.Contains(problem, Assert.Single(spec.Validate()), StringComparison.Ordinal);

    /// <summary>The model with its last layer once more, under other names.</summary>
    private static ModelSpec Append(ModelSpec model, string name)
    {
        DenseSpec last = model.Dense[^1];
        DenseSpec more = last with { Name = name, Weights = last.Weights with { Name = $"{name}/weights" }, Biases = last.Biases with { Name = $"{name}/biases" } };
        return model with { Layers = [.. model.Layers, more] };
    }

    private static ModelSpec Change(int index, Func<DenseSpec, DenseSpec> change) =>
        new() { Layers = [.. Good.Model.Dense.Select((layer, i) => i == index ? change(layer) : layer)] };
}
