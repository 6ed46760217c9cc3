using System.Text.Json;
using Lockstep.Cli.Terminal;
using SkiaSharp;

namespace Lockstep.Cli.Tests.Commands;

public sealed class CompareCommandTests(TrainedTinyRun trained) : IClassFixture<TrainedTinyRun>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Compare_RunsOfEqualWeights_ShowsOneLineEachAndSaysThatTheyAreEqual()
    {
        string copy = trained.CopyTo(_folder), picture = _folder.File("curves.png");

        CommandRun run = await CommandRun.RunAsync(["compare", trained.Run, copy, "--out", picture]);

        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Error));
        string[] lines = run.Out.TrimEnd().Split(Environment.NewLine);
        Assert.Equal(3, lines.Length);
        Assert.StartsWith(trained.Run, lines[1], StringComparison.Ordinal);
        Assert.StartsWith(copy, lines[2], StringComparison.Ordinal);
        using var bitmap = SKBitmap.Decode(picture);
        Assert.Equal((900, 480), (bitmap.Width, bitmap.Height));

        CommandRun json = await CommandRun.RunAsync(["compare", trained.Run, copy, "--json"]);
        using var document = JsonDocument.Parse(json.Out);
        Assert.True(document.RootElement.GetProperty("sameWeights").GetBoolean());
        Assert.Equal(2, document.RootElement.GetProperty("runs").GetArrayLength());
    }

    [Fact]
    public async Task Compare_NoRunThereOrNothingToCompareWith_IsRefused()
    {
        CommandRun missing = await CommandRun.RunAsync(["compare", trained.Run, _folder.File("none")]);
        Assert.Equal(ExitCode.BadInput, missing.ExitCode);
        Assert.Contains("does not exist", missing.Error, StringComparison.Ordinal);

        CommandRun alone = await CommandRun.RunAsync(["compare", trained.Run]);
        Assert.Equal(ExitCode.BadInput, alone.ExitCode);
        Assert.Contains("Another RUN is missing", alone.Error, StringComparison.Ordinal);
    }
}
