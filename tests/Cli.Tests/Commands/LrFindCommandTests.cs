using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;
using Lockstep.Cli.Commands;
using Lockstep.Cli.Terminal;
using Lockstep.Wording;

namespace Lockstep.Cli.Tests.Commands;

/// <summary><c>lr-find</c> on the synthetic digits.</summary>
public sealed class LrFindCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task LrFind_SyntheticDigits_SuggestsARateThatTrainTakes()
    {
        string picture = _folder.File("rates.svg");
        string[] command =
            ["lr-find", "--dataset", "synthetic", "--train-examples", "2000", "--model", "784-16-10", "--steps", "120", "--out", picture];
        CommandRun text = await CommandRun.RunAsync(command);
        CommandRun json = await CommandRun.RunAsync([.. command, "--json"]);

        Assert.True(text.ExitCode == ExitCode.Done, text.Error);
        JsonElement result = JsonDocument.Parse(json.Out).RootElement;
        double suggested = result.GetProperty("suggested").GetDouble();
        Assert.InRange(suggested, 0.003, 0.3);
        Assert.True(result.GetProperty("lowestLoss").GetDouble() < result.GetProperty("steps")[0].GetProperty("loss").GetDouble());
        string train = result.GetProperty("command").GetString()!;
        Assert.Equal(
            "lockstep train --model 784-16-10 --dataset synthetic --train-examples 2000 --learning-rate "
                + suggested.ToString("R", CultureInfo.InvariantCulture), train);
        Assert.Contains(train, text.Out, StringComparison.Ordinal);
        var problems = new Problems();
        _ = CommandLine.Parse(train.Split(' ')[1..], problems);
        Assert.Empty(problems.Messages);
        _ = XDocument.Load(picture);
    }

    [Theory]
    [InlineData("--from 1 --to 0.1", "--to 0.1 is not above --from 1")]
    [InlineData("--steps 3", "--steps 3: out of range")]
    [InlineData("--learning-rate 3", "--learning-rate is not an option of lr-find")]
    public async Task LrFind_OptionsThatCannotBe_SaysWhy(string options, string problem)
    {
        CommandRun run = await CommandRun.RunAsync(["lr-find", "--dataset", "synthetic", .. options.Split(' ')]);

        Assert.Equal(ExitCode.BadInput, run.ExitCode);
        Assert.Contains(problem, run.Error, StringComparison.Ordinal);
    }
}
