using System.Text.Json;
using Lockstep.Cli.Terminal;
using Lockstep.Model.Data;
using Lockstep.Model.Evaluation;
using Lockstep.Model.Layers;
using Lockstep.Model.Specs;
using Lockstep.Shared.Checkpoints;
using Lockstep.Shared.Interchange;
using Lockstep.Shared.Restoring;
using Lockstep.Shared.Tests.Interchange;

namespace Lockstep.Cli.Tests.Interchange;

public class ExportImportTests
{
    private static readonly string StateDict = Golden("torch-state-dict.npz");

    [Theory]
    [InlineData("--to npz --out w.npz", "w.npz", "")]
    [InlineData("--to npz --out w.npz --layout torch", "w.npz", "--layout torch")]
    [InlineData("--to npz --out w.npz --names torch", "w.npz", "--names torch")]
    [InlineData("--out w.safetensors", "w.safetensors", "")]
    [InlineData("--out w.safetensors --names torch", "w.safetensors", "--names torch")]
    [InlineData("--out w.safetensors --names torch --layout tf", "w.safetensors", "--names torch --layout tf")]
    [InlineData(
        "--to safetensors --out w.bin --map W0=layer0/weights,b.0=layer0/biases", "w.bin", "--map W0=layer0/weights,b.0=layer0/biases")]
    [InlineData("--to csv --out w", "w", "")]
    [InlineData("--to csv --out w --names torch", "w", "--names torch")]
    public async Task Import_WhatWasExported_HasTheSameWeights(string export, string file, string import)
    {
        using var folder = new TemporaryFolder();
        Checkpoint saved = Save(folder, "784-6-1-10", keepProb: 0.8);

        CommandRun exported = await RunAsync(folder, $"export {folder.File("saved.ckpt")} {export}");
        CommandRun imported = await RunAsync(
            folder, $"import {folder.File(file)} --model 784-6-1-10 --batch-size 8 --out again.ckpt {import}", TinyImages.Write(folder));

        Assert.True(exported.ExitCode == ExitCode.Done, exported.Error);
        Assert.True(imported.ExitCode == ExitCode.Done, imported.Error);
        Assert.Contains(saved.WeightsSha256, imported.Out);
        Checkpoint again = CheckpointStore.Load(folder.File("again.ckpt")).Checkpoint;
        Assert.Equal(saved.WeightsSha256, again.WeightsSha256);
        Assert.Equal(saved.WeightsSha256, again.Spec.RestoredSha256);
        Assert.Equal(0, again.Step);
        Assert.All(again.Slots.Single().Tensors, velocity => Assert.All(velocity.Values, value => Assert.Equal(0f, value)));
    }

    [Fact]
    public async Task Import_StateDictOfPyTorch_GivesItsLogits()
    {
        using var folder = new TemporaryFolder();

        CommandRun run = await RunAsync(
            folder, $"import {StateDict} --model 784-6-10 --names torch --batch-size 8 --out net.ckpt", TinyImages.Write(folder));

        Assert.True(run.ExitCode == ExitCode.Done, run.Error);
        Checkpoint checkpoint = CheckpointStore.Load(folder.File("net.ckpt")).Checkpoint;
        var layout = new ParameterLayout(checkpoint.Spec.Model);
        float[] weights = new float[layout.Length];
        CheckpointTensors.CopyTo(checkpoint.Parameters, layout, weights);
        Dictionary<string, NamedTensor> expected = NpzFile.Read(Golden("torch-logits.npz")).ToDictionary(tensor => tensor.Name);
        int count = expected["pixels"].Shape[0];
        var images = ImageSet.FromDense([.. expected["pixels"].Values.Select(value => (byte)value)], new byte[count], 28, 28);
        float[] logits = new float[count * 10];
        new Evaluator(checkpoint.Spec.Model, layout).Logits(weights, images, 0, count, logits);
        Assert.All(logits.Zip(expected["logits"].Values), pair => Assert.Equal(pair.Second, pair.First, 1e-5f));
    }

    /// <summary>Weights do not tell what is between them: another network would be imported without a word.</summary>
    [Fact]
    public async Task Import_ActivationsThatNothingNames_AreTold()
    {
        using var folder = new TemporaryFolder();
        string images = TinyImages.Write(folder);
        string file = folder.Write("tanh.json", """{ "inputs": 784, "layers": [{ "units": 6, "activation": "tanh" }, { "units": 10 }] }""");

        CommandRun alone = await RunAsync(folder, $"import {StateDict} --batch-size 8 --out alone.ckpt", images);
        CommandRun named = await RunAsync(folder, $"import {StateDict} --model {file} --batch-size 8 --out named.ckpt", images);

        Assert.Contains("between its layers: ReLU, as weights do not tell; for another, give a model file", alone.Error);
        Assert.True(named.ExitCode == ExitCode.Done, named.Error);
        Assert.DoesNotContain("ReLU", named.Error);
    }

    [Fact]
    public async Task Import_WeightsForOtherDataThanTheDefault_SaysHowToNameThem()
    {
        using var folder = new TemporaryFolder();
        string table = folder.Write(
            "own.csv", "a,b,class\n" + string.Concat(Enumerable.Range(0, 40).Select(i => $"{i * 7 % 11},{i % 7},{i % 2}\n")));
        CommandRun made = await RunAsync(folder, $"import {Weights(folder)} --dataset {table} --out own.ckpt --batch-size 8");

        CommandRun refused = await RunAsync(folder, $"import {Weights(folder)} --out other.ckpt", TinyImages.Write(folder));

        Assert.True(made.ExitCode == ExitCode.Done, made.Error);
        Assert.Contains("The model 2-2 takes 2 values, but an example of mnist, which is taken where no data set is named", refused.Error);
        Assert.Contains("--dataset PATH, with --label COLUMN or --target COLUMNS", refused.Error);

        static string Weights(TemporaryFolder folder)
        {
            string csv = Directory.CreateDirectory(folder.File("w")).FullName;
            File.WriteAllText(Path.Combine(csv, "0.weight.csv"), "1,2\n3,4\n");
            File.WriteAllText(Path.Combine(csv, "0.bias.csv"), "0,1\n");
            return csv;
        }
    }

    [Fact]
    public async Task Import_FileThatDoesNotTellItsNetwork_SaysWhatItHasAndWhatToGive()
    {
        using var folder = new TemporaryFolder();
        InterchangeFile.Create(folder.File("w.npz"), stream => NpzFile.Write(stream, [new NamedTensor("conv.weight", [1, 1, 1, 1], [1])]));

        CommandRun run = await RunAsync(folder, $"import {folder.File("w.npz")} --out net.ckpt");

        Assert.Contains("w.npz does not tell which network its weights are of", run.Error);
        Assert.Contains("give it with --model (docs/models.md). The file has 'conv.weight' [1, 1, 1, 1].", run.Error);
    }

    [Fact]
    public async Task Import_LayersWithoutBias_SaysThatTheyAreZero()
    {
        using var folder = new TemporaryFolder();
        InterchangeFile.Create(folder.File("w.npz"), stream => NpzFile.Write(
            stream, [new NamedTensor("0.weight", [6, 784], new float[6 * 784]), new NamedTensor("2.weight", [10, 6], new float[60])]));

        CommandRun run = await RunAsync(folder, $"import {folder.File("w.npz")} --out net.ckpt --batch-size 8", TinyImages.Write(folder));

        Assert.True(run.ExitCode == ExitCode.Done, run.Error);
        Assert.Contains("784-6-10 with the weights of", run.Error);
        Assert.Contains("Layers without a bias in the file have one of zeros: they compute the same.", run.Error);
        Assert.Matches(@"layer1/biases +\[10\] +zeros", run.Out);
    }

    [Fact]
    public async Task Import_NamesThatDoNotFit_AreAllListedWithWhatWouldHelp()
    {
        using var folder = new TemporaryFolder();

        CommandRun run = await RunAsync(folder, $"import {StateDict} --model 784-6-10 --names lockstep --out net.ckpt");

        Assert.Equal(ExitCode.BadInput, run.ExitCode);
        Assert.Contains(
            "layer0/weights [784, 6] is not in the file.", run.Error);
        Assert.Contains("'3.bias' [10] of the file has no place in the model.", run.Error);
        string advice = "Are these the names? Then give --map "
            + "'0.weight=layer0/weights,0.bias=layer0/biases,3.weight=layer1/weights,3.bias=layer1/biases' --layout torch";
        Assert.Contains(advice, run.Error);
        Assert.False(File.Exists(folder.File("net.ckpt")));
    }

    [Fact]
    public async Task Import_ShapesThatDoNotFit_AreAllListedWithTheLayoutThatWould()
    {
        using var folder = new TemporaryFolder();

        CommandRun transposed = await RunAsync(folder, $"import {StateDict} --model 784-6-10 --names torch --layout tf --out net.ckpt");
        CommandRun wider = await RunAsync(folder, $"import {StateDict} --model 784-7-10 --names torch --out net.ckpt");

        Assert.Contains(
            "layer0/weights is [784, 6] in the model, [6, 784] in the file as '0.weight'. Its transpose fits: give --layout torch.",
            transposed.Error);
        Assert.Contains(
            "layer1/weights is [6, 10] in the model, [10, 6] in the file as '3.weight'. Its transpose fits: give --layout torch.",
            transposed.Error);
        Assert.Contains("layer0/weights is [784, 7] in the model, [6, 784] in the file as '0.weight'.", wider.Error);
        Assert.Contains("layer0/biases is [7] in the model, [6] in the file as '0.bias'.", wider.Error);
        Assert.Contains("layer1/weights is [7, 10] in the model, [10, 6] in the file as '3.weight'.", wider.Error);
        Assert.DoesNotContain("transpose", wider.Error);
        Assert.DoesNotContain("layer1/biases is", wider.Error);
    }

    [Theory]
    [InlineData("--model 784-10 --names torch", "'3.weight' [10, 6] of the file has no place in the model")]
    [InlineData("--model 784-6-5-10 --names torch", "layer2/weights [5, 10] is not in the file")]
    [InlineData("--model 784-6-10 --names torch --map 0.wieght=layer0/weights", "The map names '0.wieght', which the file does not have")]
    [InlineData(
        "--model 784-6-10 --names torch --map 0.weight=layer0/wights", "The map names 'layer0/wights', which the model does not have")]
    [InlineData("--model 784-6-10 --names torhc", "did you mean torch?")]
    public async Task Import_Mistake_IsExplained(string options, string part)
    {
        using var folder = new TemporaryFolder();

        CommandRun run = await RunAsync(folder, $"import {StateDict} {options} --out net.ckpt");

        Assert.Equal(ExitCode.BadInput, run.ExitCode);
        Assert.Contains(part, run.Error);
        Assert.DoesNotContain("   at ", run.Error);
    }

    [Fact]
    public async Task Import_FilesOfNoUse_AreRefusedByWhatTheyAre()
    {
        using var folder = new TemporaryFolder();
        string onnx = folder.Write("net.onnx", "x"), text = folder.Write("net.txt", "hello, world"), empty = folder.Write("net.npz", "");
        async Task<string> Refused(string file) => (await RunAsync(folder, $"import {file} --out net.ckpt")).Error;

        Assert.Contains("only exported", await Refused(onnx));
        Assert.Contains("neither safetensors nor npz", await Refused(text));
        Assert.Contains("is empty; expected an archive of NumPy's arrays", await Refused(empty));
        Assert.Contains("does not exist", await Refused(folder.File("none")));
        Assert.Contains("does not exist", await Refused(folder.File("none.npz")));
        Assert.Contains("--out is missing", (await RunAsync(folder, $"import {StateDict}")).Error);
        Assert.Contains("exists, and is not replaced", (await RunAsync(folder, $"import {StateDict} --out net.txt")).Error);
    }

    [Fact]
    public async Task Import_NamesThatSteerTerminals_AreShownHarmless()
    {
        using var folder = new TemporaryFolder();
        InterchangeFile.Create(folder.File("w.npz"), stream => NpzFile.Write(stream, [new NamedTensor("\u001b[2J", [1], [1])]));

        CommandRun run = await RunAsync(folder, $"import {folder.File("w.npz")} --map a=b --out net.ckpt");

        Assert.Equal(ExitCode.BadInput, run.ExitCode);
        Assert.DoesNotContain('\u001b', run.Error);
    }

    [Fact]
    public async Task Import_Json_SaysWhereEachParameterComesFrom()
    {
        using var folder = new TemporaryFolder();

        CommandRun run = await RunAsync(
            folder, $"import {StateDict} --model 784-6-10 --names torch --batch-size 8 --out net.ckpt --json", TinyImages.Write(folder));

        using var json = JsonDocument.Parse(run.Out);
        JsonElement first = json.RootElement.GetProperty("parameters")[0];
        Assert.Equal(
            ("layer0/weights", "0.weight", 784),
            (
                first.GetProperty("parameter").GetString(), first.GetProperty("source").GetString(),
                first.GetProperty("sourceShape")[1].GetInt32()));
    }

    [Theory]
    [InlineData("", "--to is missing; expected one of safetensors, npz, onnx, csv")]
    [InlineData("--out a.pth", "a.pth tells no format. PyTorch loads safetensors and npz, with --names torch as a state_dict; expected")]
    [InlineData("--out a.xyz", "a.xyz tells no format; expected one of safetensors, npz, onnx, csv.")]
    [InlineData("--to npz --out a.onnx", "a.onnx, which is a name of onnx")]
    [InlineData("--to onnx --layout torch", "--layout torch has no meaning for ONNX")]
    [InlineData("--to onnx --map a=layer0/weights", "--map a=layer0/weights has no meaning for ONNX")]
    [InlineData("--to npz --map a=layer0/wieghts", "did you mean 'layer0/weights'?")]
    [InlineData("--to npz --map a=layer0/weights,b=layer0/weights", "gives 'layer0/weights' 2 names, a and b")]
    [InlineData("--to npz --map layer0/biases=layer0/weights", "layer0/weights and layer0/biases would both be 'layer0/biases'")]
    [InlineData("--to safetensor", "did you mean safetensors?")]
    [InlineData("--to npz --out saved.ckpt", "exists, and is not replaced")]
    public async Task Export_Mistake_IsExplainedAndNothingWritten(string options, string part)
    {
        using var folder = new TemporaryFolder();
        _ = Save(folder, "784-6-10");

        CommandRun run = await RunAsync(folder, $"export {folder.File("saved.ckpt")} {options}");

        Assert.Equal(ExitCode.BadInput, run.ExitCode);
        Assert.Contains(part, run.Error);
        Assert.Equal(["saved.ckpt"], Directory.GetFileSystemEntries(folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Export_NamesOfTorch_PrintsAScriptAndNothingElse()
    {
        using var folder = new TemporaryFolder();
        _ = Save(folder, "784-6-10", keepProb: 0.8);

        CommandRun run = await RunAsync(folder, $"export {folder.File("saved.ckpt")} --names torch --out w.safetensors");

        Assert.Equal(
            $"""
            import torch
            from safetensors.torch import load_file

            model = torch.nn.Sequential(
                torch.nn.Linear(784, 6),
                torch.nn.ReLU(),
                torch.nn.Dropout(0.2),
                torch.nn.Linear(6, 10),
            )
            model.load_state_dict(load_file({JsonSerializer.Serialize(folder.File("w.safetensors"))}))
            model.eval()  # float32 [batch, 784], pixels scaled to 0..1, to logits [batch, 10]

            """.ReplaceLineEndings("\n"), run.Out);
        Assert.Equal(
            ["0.bias", "0.weight", "3.bias", "3.weight"], SafetensorsFile.Read(folder.File("w.safetensors")).Select(tensor => tensor.Name));
    }

    [Fact]
    public async Task Export_Onnx_SaysWhatGoesInAndOut()
    {
        using var folder = new TemporaryFolder();
        _ = Save(folder, "784-6-10");

        CommandRun run = await RunAsync(folder, $"export {folder.File("saved.ckpt")} --out net.onnx");

        Assert.Contains("pixels float32 [batch, 784], pixels scaled to 0..1", run.Out);
        Assert.Contains("probabilities float32 [batch, 10]", run.Out);
        Assert.Contains("operator set 17, IR 8", run.Out);
        Assert.True(new FileInfo(folder.File("net.onnx")).Length > 4 * (784 * 6 + 6 + 60 + 10));
    }

    [Fact]
    public async Task Export_OnnxOfATable_SaysThatRawColumnsGoIn()
    {
        using var folder = new TemporaryFolder();
        var table = new TableSpec(
            [new NumberColumn("width", 1, 2), new CategoryColumn("colour", ["blue", "red"]), new NumberColumn("height", 0, 1)],
            FillsMissing: true);
        var preparation = new Preparation { Inputs = table, Classes = ["cat", "dog"], Label = "kind", Split = new SplitSpec(0.1, 0.1, 1) };
        RunSpec spec = Samples.Spec with
        {
            Model = ModelSpec.Parse("4-3-2"),
            Data = Samples.Spec.Data with { Preparation = preparation },
        };
        CheckpointStore.SaveAs(StartCheckpoint.Create(spec, []), folder.File("saved.ckpt"));

        CommandRun onnx = await RunAsync(folder, $"export {folder.File("saved.ckpt")} --out net.onnx");
        CommandRun npz = await RunAsync(folder, $"export {folder.File("saved.ckpt")} --out net.npz --names torch");

        Assert.Contains("numbers float64 [batch, 2], columns of numbers, NaN where missing", onnx.Out);
        Assert.Contains("texts string [batch, 1], columns of texts, empty where missing", onnx.Out);
        Assert.Contains("operator set 17, ai.onnx.ml 3, IR 8", onnx.Out);
        Assert.Contains("float32 [batch, 4], numbers standardised and texts one-hot, to logits [batch, 2]", npz.Out);
    }

    [SkippableTheory]
    [InlineData("npz")]
    [InlineData("csv")]
    [InlineData("safetensors")]
    public async Task Export_ScriptForTorch_GivesTheLogitsOfLockstep(string format)
    {
        Python.Require(format == "safetensors" ? ["numpy", "torch", "safetensors"] : ["numpy", "torch"]);
        using var folder = new TemporaryFolder();
        Checkpoint saved = Save(folder, "784-12-10", keepProb: 0.5);

        CommandRun run = await RunAsync(folder, $"export {folder.File("saved.ckpt")} --to {format} --names torch --out w");
        string said = Python.Run(run.Out + "print(*model(torch.full((1, 784), 1.0))[0].tolist())\n");

        var images = ImageSet.FromDense([.. Enumerable.Repeat((byte)255, 784)], [0], 28, 28);
        var layout = new ParameterLayout(saved.Spec.Model);
        float[] weights = new float[layout.Length], logits = new float[10];
        CheckpointTensors.CopyTo(saved.Parameters, layout, weights);
        new Evaluator(saved.Spec.Model, layout).Logits(weights, images, 0, 1, logits);
        float[] theirs = [.. said.Trim().Split(' ').Select(text => float.Parse(text, System.Globalization.CultureInfo.InvariantCulture))];
        Assert.All(theirs.Zip(logits), pair => Assert.Equal(pair.First, pair.Second, 1e-4f));
    }

    [SkippableFact]
    public async Task Import_NetworkTrainedByPyTorch_EvaluatesToItsAccuracy()
    {
        Python.Require("numpy", "torch");
        using var folder = new TemporaryFolder();
        string data = TinyImages.Write(folder);
        string right = Python.Run(
            """
            import os, sys, numpy, torch
            def read(name, header, shape):
                return torch.from_numpy(numpy.fromfile(os.path.join(sys.argv[1], name), "u1")[header:].reshape(shape).astype("i8"))
            images, labels = read("train-images-idx3-ubyte", 16, (-1, 784)) / 255, read("train-labels-idx1-ubyte", 8, (-1,))
            torch.manual_seed(5)
            model = torch.nn.Sequential(torch.nn.Linear(784, 7), torch.nn.ReLU(), torch.nn.Linear(7, 10))
            optimizer = torch.optim.SGD(model.parameters(), lr=0.002)
            for _ in range(3):
                optimizer.zero_grad()
                torch.nn.functional.cross_entropy(model(images), labels).backward()
                optimizer.step()
            print((model(images[:22]).argmax(1) == labels[:22]).sum().item())
            numpy.savez(sys.argv[2], **{name: values.numpy() for name, values in model.state_dict().items()})
            """, data, folder.File("net.npz"));

        CommandRun imported = await RunAsync(
            folder, $"import {folder.File("net.npz")} --model 784-7-10 --names torch --batch-size 8 --out net.ckpt", data);
        CommandRun evaluated = await RunAsync(folder, $"evaluate {folder.File("net.ckpt")} --split train --json", data);

        Assert.True(imported.ExitCode == ExitCode.Done, imported.Error);
        using var json = JsonDocument.Parse(evaluated.Out);
        Assert.Equal(22, json.RootElement.GetProperty("examples").GetInt32());
        Assert.Equal(
            int.Parse(right, System.Globalization.CultureInfo.InvariantCulture),
            Math.Round(22 * json.RootElement.GetProperty("accuracy").GetDouble(), 6));
    }

    private static string Golden(string name) => Path.Combine(AppContext.BaseDirectory, "Golden", name);

    private static Checkpoint Save(TemporaryFolder folder, string model, double keepProb = 1.0)
    {
        Checkpoint checkpoint = StartCheckpoint.Create(Samples.Spec with { Model = ModelSpec.Parse(model, keepProb) }, []);
        CheckpointStore.SaveAs(checkpoint, folder.File("saved.ckpt"));
        return checkpoint;
    }

    /// <summary>Runs a command line whose output file is in the folder.</summary>
    private static Task<CommandRun> RunAsync(TemporaryFolder folder, string line, string? data = null)
    {
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        int file = Array.IndexOf(words, "--out") + 1;
        if (file > 0)
            words[file] = folder.File(words[file]);
        return CommandRun.RunAsync([.. words, .. data is null ? Array.Empty<string>() : ["--data-dir", data]]);
    }
}
