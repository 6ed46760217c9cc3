using System.Text.Json;
using Lockstep.Cli.Terminal;
using Lockstep.Shared.Checkpoints;
using Lockstep.Shared.Restoring;

namespace Lockstep.Cli.Tests.Training;

/// <summary>What a person sees who restores a changed model from a checkpoint of 6-5-3.</summary>
public sealed class RestoreTests : IDisposable
{
    private readonly TemporaryFolder _temporary = new();
    private readonly string _saved;

    public RestoreTests()
    {
        _saved = _temporary.File("saved.ckpt");
        CheckpointStore.SaveAs(StartCheckpoint.Create(Samples.Spec, []), _saved);
    }

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public async Task DryRun_SameModel_PrintsTheTableAndNothingElse()
    {
        CommandRun run = await CommandRun.RunAsync(["train", "--init-from", _saved, "--model", Samples.Spec.Model.ToString(), "--dry-run"]);
        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Error));
        string[] lines = run.Out.TrimEnd().Split(Environment.NewLine);
        Assert.Equal(2 + (2 * Samples.Spec.Model.Layers.Count) + 1, lines.Length);
        Assert.All(lines[2..^1], line => Assert.EndsWith("  restored", line, StringComparison.Ordinal));
        Assert.Contains("dropped: it begins at zero", lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task DryRun_ChangedModel_ListsEveryDifferenceWithBothShapesAndWhatToDo()
    {
        string model = _temporary.File("model.json");
        int inputs = Samples.Spec.Model.Inputs, units = Samples.Spec.Model.Layers[0].OutputShape.Columns;
        File.WriteAllText(model, $$"""{ "inputs": {{inputs}}, "layers": [{ "units": {{units}}, "weights": "layer0/weight", "biases": "layer0/biases" }, { "name": "layer1", "units": 7 }] }""");
        CommandRun run = await CommandRun.RunAsync(["train", "--init-from", _saved, "--model", model, "--dry-run"]);
        Assert.Equal(ExitCode.BadInput, run.ExitCode);
        Assert.Contains(
            $"layer0/weight [{inputs}, {units}] is not in the file. Initialise it with --allow-missing or --exclude 'layer0/weight'.",
            run.Error, StringComparison.Ordinal);
        Assert.Contains(
            $"layer1/biases is [7] in the model, [{Samples.Spec.Model.Classes}] in the file. Initialise it with --allow-shape-mismatch",
            run.Error, StringComparison.Ordinal);
        Assert.Contains($"layer0/weights [{inputs}, {units}] of the file has no place in the model.", run.Error, StringComparison.Ordinal);
        Assert.Contains("Are these the names? Then give --map 'layer0/weights=layer0/weight'\n", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Error, StringComparison.Ordinal);
        Assert.Contains(
            "To allow all of this: --allow-missing --allow-shape-mismatch --allow-unused.", run.Error, StringComparison.Ordinal);
        Assert.Contains("MISSING", run.Out, StringComparison.Ordinal);
        Assert.Contains("WRONG SHAPE", run.Out, StringComparison.Ordinal);

        CommandRun mapped = await CommandRun.RunAsync(
            ["train", "--init-from", _saved, "--model", model, "--dry-run", "--map", "layer0/weights=layer0/weight", "--allow-shape-mismatch", "--json"]);
        Assert.Equal((ExitCode.Done, ""), (mapped.ExitCode, mapped.Error));
        string[] outcomes = [.. JsonDocument.Parse(mapped.Out).RootElement.GetProperty("parameters").EnumerateArray().Select(
            row => row.GetProperty("outcome").GetString()!)];
        Assert.Equal(["restored", "restored", "wrongShape", "wrongShape"], outcomes);
    }

    [Fact]
    public async Task DryRun_MapInAFile_IsTaken()
    {
        string model = _temporary.File("model.json"), map = _temporary.File("map.json");
        File.WriteAllText(model, $$"""{ "inputs": {{Samples.Spec.Model.Inputs}}, "layers": [{ "name": "a", "units": {{Samples.Spec.Model.Layers[0].OutputShape.Columns}} }, { "name": "layer1", "units": {{Samples.Spec.Model.Classes}} }] }""");
        File.WriteAllText(map, """{ "layer0/weights": "a/weights", "layer0/biases": "a/biases" }""");
        CommandRun run = await CommandRun.RunAsync(["train", "--init-from", _saved, "--model", model, "--dry-run", "--map", map]);
        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Error));
    }

    [Theory]
    [InlineData("--freeze", "layer9/*", "--freeze 'layer9/*' matches no parameter of the model.")]
    [InlineData("--include", "layer0/weight", "Did you mean 'layer0/weights'?")]
    [InlineData("--freeze", "*", "freezes every parameter")]
    [InlineData("--learning-rate-for", "layer0/*", "'layer0/*' is no pattern with a rate")]
    [InlineData("--learning-rate-for", "layer0/*=-1", "is not a number above 0")]
    [InlineData("--map", "layer0/weights", "is not a pair of names")]
    [InlineData("--map", "missing.json", "missing.json cannot be read")]
    [InlineData("--model", "missing.json", "missing.json: the file cannot be read")]
    public async Task Restore_Mistake_IsRefusedByName(string option, string value, string expected)
    {
        string[] model = option == "--model" ? [] : ["--model", Samples.Spec.Model.ToString()];
        CommandRun run = await CommandRun.RunAsync(["train", "--init-from", _saved, .. model, "--dry-run", option, value]);
        Assert.Equal(ExitCode.BadInput, run.ExitCode);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DryRun_WithoutACheckpoint_SaysSo()
    {
        CommandRun run = await CommandRun.RunAsync(["train", "--dry-run"]);
        Assert.Equal(ExitCode.BadInput, run.ExitCode);
        Assert.Contains("--dry-run needs --init-from CHECKPOINT", run.Error, StringComparison.Ordinal);
    }
}
