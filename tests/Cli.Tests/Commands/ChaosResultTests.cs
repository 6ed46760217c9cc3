using System.Text;
using System.Text.Json;
using System.Xml.Linq;
using Lockstep.Chaos.Pictures;
using Lockstep.Chaos.Processes;
using Lockstep.Chaos.Results;
using Lockstep.Cli.Commands;
using Lockstep.Cli.Terminal;

namespace Lockstep.Cli.Tests.Commands;

public class ChaosResultTests
{
    [Fact]
    public void Same_IsExitCodeZero_AndTheTableTellsOfEachFault()
    {
        ChaosResult result = ChaosSampleResult.Of(ChaosResult.Same, ChaosSampleResult.Compared(firstDifferentStep: null));
        string[] lines = Lines(result);

        Assert.Equal(ExitCode.Done, ChaosCommand.ExitCodeOf(result));
        Assert.Matches(@"^1  pause worker 2 for 1\.5 s +1\.0 s +10 +0\.200 s +0 +equal$", lines[1]);
        Assert.Matches(@"^2  kill leader for 0\.5 s +4\.0 s +40 +not +0  not known$", lines[2]);
        Assert.Equal("the same bytes: 2 faults of 2 kinds changed nothing in 40 steps", lines[^1]);
    }

    [Theory]
    [InlineData(11, "DIFFERENT")]
    [InlineData(12, "DIFFERENT")]
    [InlineData(13, "equal")]
    public void Different_IsExitCodeOne_AndTellsWhichFaultsItMayComeFrom(long firstDifferentStep, string expected)
    {
        ChaosResult result = ChaosSampleResult.Of(
            ChaosResult.Different, ChaosSampleResult.Compared(firstDifferentStep), $"step {firstDifferentStep}: other weights");
        string[] lines = Lines(result);

        Assert.Equal(ExitCode.RunFailed, ChaosCommand.ExitCodeOf(result));
        Assert.EndsWith($"  {expected}", lines[1]);
        Assert.Equal($"DIFFERENT BYTES after 2 faults of 2 kinds: step {firstDifferentStep}: other weights", lines[^1]);
    }

    [Theory]
    [InlineData(ChaosFailure.Hung, "HUNG after 2 faults of 2 kinds: why")]
    [InlineData(ChaosFailure.Ended, "ENDED after 2 faults of 2 kinds: why")]
    [InlineData(ChaosResult.Stopped, "stopped before there was a result")]
    public void NoResult_IsExitCodeOne(string outcome, string expected)
    {
        ChaosResult result = ChaosSampleResult.Of(outcome, comparison: null, "why");

        Assert.Equal(ExitCode.RunFailed, ChaosCommand.ExitCodeOf(result));
        Assert.Equal(expected, Lines(result)[^1]);
    }

    [Fact]
    public void Json_HasEveryFault()
    {
        using JsonDocument json = JsonDocument.Parse(
            Json(ChaosSampleResult.Of(ChaosResult.Same, ChaosSampleResult.Compared(firstDifferentStep: null))));
        JsonElement fault = json.RootElement.GetProperty("faults")[0];

        Assert.Equal("same", json.RootElement.GetProperty("outcome").GetString());
        Assert.Equal(2, json.RootElement.GetProperty("faults").GetArrayLength());
        Assert.Equal((0.2, true), (fault.GetProperty("secondsToRecover").GetDouble(), fault.GetProperty("weightsEqual").GetBoolean()));
        Assert.Equal("pause", fault.GetProperty("planned").GetProperty("fault").GetString());
    }

    [Fact]
    public void Picture_OfAnyResult_IsWellFormedAndShowsWorkersAndFaults()
    {
        foreach (ChaosResult result in new[]
        {
            ChaosSampleResult.Of(ChaosResult.Same, ChaosSampleResult.Compared(firstDifferentStep: null)),
            ChaosSampleResult.Of(ChaosFailure.Hung, comparison: null, "a <message> & more"),
            ChaosSampleResult.Of(ChaosResult.Stopped, comparison: null) with { Story = new(0, [], [], [], [], [], [], 0) },
        })
        {
            var picture = XDocument.Parse(TimelinePicture.Draw(result));
            XElement[] elements = [.. picture.Descendants().Where(element => element.Name.LocalName == "text")];
            string[] texts = [.. elements.Select(element => element.Value)],
            marks = [.. elements.Where(element => element.Attribute("font-size")?.Value == "10.5"
                && element.Attribute("fill")?.Value == "#ffffff").Select(element => element.Value)];
            Assert.Equal(
                result.Story.Workers.Select(worker => $"worker {worker.Number}"),
                texts.Where(text => text.StartsWith("worker ", StringComparison.Ordinal)));
            Assert.Equal(result.Story.Faults.Select(fault => $"{fault.Number}"), marks);
            Assert.DoesNotContain("NaN", picture.ToString(), StringComparison.Ordinal);
        }
    }

    private static string[] Lines(ChaosResult result)
    {
        var writer = new StringWriter();
        ChaosTable.Write(writer, result, "timeline.svg");
        return writer.ToString().TrimEnd().Split(Environment.NewLine);
    }

    private static string Json(ChaosResult result)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
            ResultJson.Write(writer, result);
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
