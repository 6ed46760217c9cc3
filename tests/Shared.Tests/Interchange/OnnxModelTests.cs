using System.Security.Cryptography;
using Google.Protobuf;
using Lockstep.Model.Data;
using Lockstep.Model.Evaluation;
using Lockstep.Model.Layers;
using Lockstep.Model.Specs;
using Lockstep.Model.Training;
using Lockstep.Shared.Checkpoints;
using Lockstep.Shared.Interchange;
using Lockstep.Shared.Interchange.Onnx;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Lockstep.Shared.Tests.Interchange;

/// <summary>Exported models in the hands of ONNX Runtime.</summary>
public class OnnxModelTests
{
    private const int Chunk = 1000;
    private static readonly Lazy<Dataset> Synthetic = new(SyntheticDigits.Create);

    [Theory]
    [InlineData("784-10", Activation.Linear)]
    [InlineData("784-32-10", Activation.Relu)]
    [InlineData("784-48-32-10", Activation.Relu)]
    [InlineData("784-32-10", Activation.Linear)]
    [InlineData("784-32-10", Activation.Tanh)]
    [InlineData("784-32-10", Activation.Sigmoid)]
    [InlineData("784-32-10", Activation.LeakyRelu)]
    [InlineData("28x28-conv:6x5p2-pool2-conv:16x5-pool2-120-84-10", Activation.Relu)]
    [InlineData("28x28-avgpool2-conv:5x3s2p1-20-10", Activation.Tanh)]
    [InlineData("784-32-10", Activation.Gelu)]
    [InlineData("784-32-10", Activation.Silu)]
    [InlineData("28x28-conv:6x5s2p2-bn-conv:8x3-bn-pool2-30-bn-20-ln-10", Activation.Relu)]
    [InlineData("28x28-conv:16x5s2p2-bn-conv:32x3p1-bn-pool2-conv:64x3p1-bn-pool2-64-bn-10", Activation.Relu)]
    public void Write_TrainedModel_OnnxRuntimeAgreesOnTenThousandImages(string model, Activation activation) =>
        AssertAgrees(model, activation, (ImageSet)Synthetic.Value.Training, (ImageSet)Synthetic.Value.Test);

    [SkippableFact]
    public void Write_ModelTrainedOnMnist_OnnxRuntimeAgreesOnTheTestImages()
    {
        string? folder = Environment.GetEnvironmentVariable("LOCKSTEP_DATA_DIR");
        Skip.If(string.IsNullOrEmpty(folder), "LOCKSTEP_DATA_DIR is not set: the ONNX model is not compared on real MNIST.");
        AssertAgrees("784-64-10", Activation.Relu, Read(folder, "train"), Read(folder, "t10k"));
    }

    [Fact]
    public void Write_AModel_HasTheDocumentedFace()
    {
        ModelSpec model = ModelSpec.Parse("6-5-3", keepProb: 0.5);
        using var file = new MemoryStream();
        OnnxModel.Write(file, model, Parameters(model), new Dictionary<string, string> { ["step"] = "7", ["dataset"] = "mnist" });

        ModelProto written = ModelProto.Parser.ParseFrom(file.ToArray());

        Assert.Equal((8, 17L), (written.IrVersion, Assert.Single(written.OpsetImport).Version));
        Assert.Equal(["dataset=mnist", "step=7"], written.MetadataProps.Select(entry => $"{entry.Key}={entry.Value}"));
        Assert.Equal(["Gemm", "Relu", "Gemm", "Softmax"], written.Graph.Node.Select(node => node.OpType));
        Assert.Equal(["pixels"], written.Graph.Input.Select(value => value.Name));
        Assert.Equal(["logits", "probabilities"], written.Graph.Output.Select(value => value.Name));
        Assert.Equal("batch", written.Graph.Input[0].Type.TensorType.Shape.Dim[0].DimParam);
        Assert.Equal(model.Parameters.Select(parameter => parameter.Name), written.Graph.Initializer.Select(tensor => tensor.Name));
        Assert.Contains("0..1", written.DocString);
    }

    [Fact]
    public void Write_SameModel_IsTheSameBytes()
    {
        ModelSpec model = ModelSpec.Parse("6-5-3");
        byte[] Write()
        {
            using var file = new MemoryStream();
            OnnxModel.Write(file, model, Parameters(model), new Dictionary<string, string> { ["b"] = "2", ["a"] = "1" });
            return file.ToArray();
        }

        Assert.Equal(Write(), Write());
    }

    [Fact]
    public void Write_WithoutPreparation_KeepsItsBytes()
    {
        ModelSpec model = ModelSpec.Parse("6-5-3");
        using var file = new MemoryStream();
        OnnxModel.Write(file, model, Parameters(model), new Dictionary<string, string> { ["step"] = "7" });
        ModelProto written = ModelProto.Parser.ParseFrom(file.ToArray());
        Assert.Equal(file.ToArray(), written.ToByteArray());
        written.ProducerVersion = "";

        Assert.StartsWith("1d7098dcbb0f03b88704d0464dfc57c88070b66d7", Convert.ToHexStringLower(SHA256.HashData(written.ToByteArray())));
    }

    [Fact]
    public void Write_ParametersNamedLikeInputAndOutput_StillRuns()
    {
        ModelSpec model = ModelSpec.Parse("6-5-3");
        var names = new Queue<string>(["pixels", "logits", "layer0/sums", "probabilities"]);
        model = model.WithParameters(parameter => parameter with { Name = names.Dequeue() });
        using var file = new MemoryStream();
        OnnxModel.Write(file, model, Parameters(model), new Dictionary<string, string>());

        using var session = new InferenceSession(file.ToArray());

        Assert.Equal(["pixels"], session.InputNames);
        Assert.Equal(["logits", "probabilities"], session.OutputNames);
    }

    [Fact]
    public void Write_ParametersOfAnotherModel_AreRefused()
    {
        ModelSpec model = ModelSpec.Parse("6-5-3");
        IReadOnlyList<NamedTensor> parameters = Parameters(model);

        Assert.Throws<ArgumentException>(
            () => OnnxModel.Write(Stream.Null, ModelSpec.Parse("6-4-3"), parameters, new Dictionary<string, string>()));
        Assert.Throws<ArgumentException>(
            () => OnnxModel.Write(Stream.Null, ModelSpec.Parse("6-3"), parameters, new Dictionary<string, string>()));
    }

    [SkippableFact]
    public void Write_OnnxChecker_FindsNothing()
    {
        Python.Require("onnx");
        using var folder = new TemporaryDirectory();
        ModelSpec model = ModelSpec.Parse("784-16-8-10");
        InterchangeFile.Create(
            folder.File("model.onnx"), stream => OnnxModel.Write(stream, model, Parameters(model), new Dictionary<string, string>()));

        Assert.Equal("8 17 ['pixels']", Python.Run(
            """
            import sys, onnx
            model = onnx.load(sys.argv[1])
            onnx.checker.check_model(model, full_check=True)
            print(model.ir_version, model.opset_import[0].version, [value.name for value in model.graph.input])
            """, folder.File("model.onnx")).Trim());
    }

    private static void AssertAgrees(string text, Activation activation, ImageSet training, ImageSet test)
    {
        ModelSpec model = ModelSpec.Parse(text, keepProb: 0.8);
        RunSpec spec = Samples.Spec with
        {
            Model = model with
            {
                Layers =
                [.. model.Layers.Select(layer => layer switch
                {
                    DenseSpec { Activation: Activation.Relu } dense => dense with { Activation = activation },
                    ConvolutionSpec { Activation: Activation.Relu } convolution => convolution with { Activation = activation },
                    _ => layer,
                })]
            },
            TotalSteps = 400,
            // Gentle, so that logits stay small enough for an absolute bound: one unit in the last place of 16 is 1e-6 to 2e-6.
            Optimizer = Samples.Spec.Optimizer with { LearningRate = 0.004 },
            Data = Samples.Spec.Data with { TrainingExamples = training.Count - 1, ValidationExamples = 1 },
        };
        var trainer = new LocalTrainer(spec, training);
        trainer.Run(400);
        float[] expected = new float[test.Count * 10], expectedProbabilities = new float[expected.Length];
        var evaluator = new Evaluator(spec.Model, trainer.Layout);
        evaluator.Logits(trainer.Weights, test, 0, test.Count, expected);
        evaluator.Probabilities(trainer.Weights, test, 0, test.Count, expectedProbabilities);
        Assert.InRange(evaluator.Evaluate(trainer.Weights, test, 0, test.Count).Accuracy, 0.6, 1.0);

        using var file = new MemoryStream();
        OnnxModel.Write(file, spec.Model, CheckpointTensors.CopyFrom(trainer.Layout, trainer.Weights), new Dictionary<string, string>());
        using var session = new InferenceSession(file.ToArray());
        Assert.Equal([-1, 784], session.InputMetadata[OnnxInput.Pixels].Dimensions);

        Assert.Equal(10_000, test.Count);
        float worst = 0;
        for (int first = 0; first < test.Count; first += Chunk)
        {
            var pixels = new DenseTensor<float>(Dense(test, first, Chunk), [Chunk, 784]);
            using var outputs = session.Run([NamedOnnxValue.CreateFromTensor(OnnxInput.Pixels, pixels)]);
            float[] logits = [.. outputs.Single(output => output.Name == OnnxModel.Logits).AsTensor<float>()];
            float[] probabilities = [.. outputs.Single(output => output.Name == OnnxModel.Probabilities).AsTensor<float>()];
            for (int i = 0; i < Chunk; i++)
            {
                Span<float> ours = expected.AsSpan((first + i) * 10, 10), theirs = logits.AsSpan(i * 10, 10);
                Assert.True(Best(ours) == Best(theirs), $"Image {first + i}: Lockstep says {Best(ours)}, ONNX Runtime {Best(theirs)}.");
                for (int c = 0; c < 10; c++)
                {
                    worst = Math.Max(worst, Math.Abs(ours[c] - theirs[c]));
                    Assert.True(Math.Abs(probabilities[i * 10 + c] - expectedProbabilities[(first + i) * 10 + c]) <= 1e-5f);
                }
            }
        }

        Assert.True(worst <= 1e-5f, $"{text}: logits differ by up to {worst}; expected at most 1e-5.");
    }

    private static int Best(ReadOnlySpan<float> row)
    {
        int best = 0;
        for (int i = 1; i < row.Length; i++)
        {
            if (row[i] > row[best])
                best = i;
        }

        return best;
    }

    private static float[] Dense(ImageSet images, int first, int count)
    {
        byte[] pixels = new byte[count * images.Pixels];
        for (int i = 0; i < count; i++)
            images.CopyPixels(first + i, pixels.AsSpan(i * images.Pixels));
        return [.. pixels.Select(pixel => pixel / 255f)];
    }

    private static IReadOnlyList<NamedTensor> Parameters(ModelSpec model)
    {
        var layout = new ParameterLayout(model);
        float[] weights = new float[layout.Length];
        Initialization.Fill(Samples.Spec with { Model = model }, layout, weights);
        return CheckpointTensors.CopyFrom(layout, weights);
    }

    private static ImageSet Read(string folder, string part)
    {
        using FileStream images = Open($"{part}-images-idx3-ubyte"), labels = Open($"{part}-labels-idx1-ubyte");
        return IdxFile.Read(images, images.Name, labels, labels.Name);

        FileStream Open(string name)
        {
            string path = Path.Combine(folder, name);
            return File.OpenRead(File.Exists(path) ? path : path + ".gz");
        }
    }
}
