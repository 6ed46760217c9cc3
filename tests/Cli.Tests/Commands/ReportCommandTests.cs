using System.Text.Json;
using System.Xml;
using System.Xml.Linq;
using Lockstep.Cli.Terminal;

namespace Lockstep.Cli.Tests.Commands;

public sealed class ReportCommandTests(TrainedTinyRun trained) : IClassFixture<TrainedTinyRun>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Report_CompleteRun_IsOneWellFormedFileWithEverything()
    {
        string file = _folder.File("report.html"), folder = trained.CopyTo(_folder), events = Path.Combine(folder, "events.jsonl");
        // A busy machine or a slow disk may have cost the run a worker or a checkpoint, which is another test's matter.
        File.WriteAllLines(
            events,
            [.. File.ReadLines(events).Where(
                line => !line.Contains("workerLost") && !line.Contains("checkpointFailed") && !line.Contains("\"warning\""))]);

        CommandRun run = await CommandRun.RunAsync(["report", folder, "--out", file]);

        Assert.Equal((ExitCode.Done, $"report of {folder}: {file}"), (run.ExitCode, run.Out.Trim()));
        XElement page = Read(file);
        Assert.Equal(
            ["Weights", "Training", "Test examples, class by class", "Worst mistakes", "First layer", "Parameters", "Faults",
                "Configuration", "Environment"],
            page.Descendants("h2").Select(heading => heading.Value));
        using var summary = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(trained.Run, "summary.json")));
        Assert.Contains($"sha256 {summary.RootElement.GetProperty("weightsSha256").GetString()}", page.Value);
        Assert.Contains("Verified: summary.json says the same.", page.Value);
        Assert.Contains("None: no worker was lost or refused", page.Value);
        Assert.Equal("completed", page.Descendants("span").First(span => Class(span).StartsWith("badge")).Value);

        // Four curves with a mark for each of four epochs and line, and a histogram for each parameter.
        Assert.Equal(8, page.Descendants("svg").Count());
        Assert.Equal(6 * 4, page.Descendants("ellipse").Count());
        string[] ids = [.. page.Descendants().Attributes("id").Select(id => id.Value)];
        Assert.NotEmpty(ids);
        Assert.Equal(ids.Distinct(), ids);
        Assert.Equal(
            6,
            page.Descendants("table").Single(table => Class(table) == "confusion").Descendants("td")
                .Sum(cell => cell.Value.Length == 0 ? 0 : int.Parse(cell.Value)));
    }

    [Fact]
    public async Task Report_CompleteRun_NeedsNothingFromElsewhere()
    {
        XElement page = Read(await WriteAsync(trained.CopyTo(_folder)));

        Assert.All(page.Descendants().Attributes().Where(attribute => attribute.Name.LocalName is "src" or "href" or "srcset" or "data"),
            attribute => Assert.StartsWith("data:image/png;base64,", attribute.Value));
        Assert.NotEmpty(page.Descendants("img"));
        Assert.Empty(page.Descendants("script"));
        Assert.Empty(page.Descendants("link"));
        string style = page.Descendants("style").Single().Value;
        Assert.DoesNotContain("url(", style);
        Assert.DoesNotContain("@import", style);
        Assert.Contains("prefers-color-scheme: dark", style);
    }

    [Fact]
    public async Task Report_TextOfTheRun_IsEscaped()
    {
        string run = trained.CopyTo(_folder);
        File.AppendAllText(Path.Combine(run, "events.jsonl"),
            """{"time":"2026-01-31T12:00:00Z","kind":"workerLost","text":"<script>alert(1)</script> & \u0000 gone"}""" + "\n");

        string file = await WriteAsync(run);

        Assert.DoesNotContain("<script", File.ReadAllText(file));
        XElement page = Read(file);
        Assert.Contains("1 worker lost", page.Value);
        Assert.Contains("<script>alert(1)</script> & \uFFFD gone", page.Value);
        Assert.Contains("2026-01-31 12:00:00.000", page.Value);
    }

    [Fact]
    public async Task Report_UnfinishedRun_SaysHowFarItGot()
    {
        string run = trained.CopyTo(_folder);
        File.Delete(Path.Combine(run, "summary.json"));
        File.Delete(Path.Combine(run, "events.jsonl"));
        File.AppendAllText(Path.Combine(run, "metrics.jsonl"), """{"step":99,"epo""");

        XElement page = Read(await WriteAsync(run));

        Assert.Contains("unfinished", page.Value);
        Assert.Contains("It got to step 12 of 12 at least.", page.Value);
        Assert.Contains("no summary yet to compare it with", page.Value);
        Assert.Contains("kept no record of events", page.Value);
        Assert.Contains("metrics.jsonl: 1 line cannot be read", page.Value);
    }

    [Theory]
    [InlineData("clusterLost", "cluster lost")]
    [InlineData("handedOver", "handed over")]
    [InlineData("replaced", "replaced")]
    public async Task Report_EndedRunWithNothingButItsConfiguration_IsWritten(string outcome, string shown)
    {
        string run = _folder.File("failed");
        _ = Directory.CreateDirectory(run);
        File.Copy(Path.Combine(trained.Run, "config.json"), Path.Combine(run, "config.json"));
        File.WriteAllText(Path.Combine(run, "summary.json"), $$"""{"outcome":"{{outcome}}","steps":0,"message":"Nobody came."}""");

        XElement page = Read(await WriteAsync(run));

        Assert.All(
            [shown, "Nobody came.", "No metrics were recorded", "There is no checkpoint that can be read", "There is no readable env.json"],
            part => Assert.Contains(part, page.Value));
    }

    [Fact]
    public async Task Report_DataSetNotAtHand_SaysSoAndIsWritten()
    {
        string run = trained.CopyTo(_folder), file = Path.Combine(run, "report.html");

        CommandRun report = await CommandRun.RunAsync(["report", run, "--data-dir", _folder.File("nowhere")]);

        Assert.Equal(ExitCode.Done, report.ExitCode);
        Assert.Contains("The test examples are not at hand", report.Error);
        XElement page = Read(file);
        Assert.Single(
            page.Descendants("p"), paragraph => paragraph.Value.StartsWith("The test examples are not at hand", StringComparison.Ordinal));
        Assert.Contains("Verified", page.Value);
    }

    [Fact]
    public async Task Report_OtherImages_AreNotShown()
    {
        string run = trained.CopyTo(_folder), images = Directory.CreateDirectory(_folder.File("other")).FullName;
        foreach (string file in Directory.GetFiles(trained.Images, "*-ubyte"))
            File.Copy(file, Path.Combine(images, Path.GetFileName(file)));
        string labels = Path.Combine(images, "t10k-labels-idx1-ubyte");
        byte[] bytes = File.ReadAllBytes(labels);
        bytes[^1] ^= 1;
        File.WriteAllBytes(labels, bytes);

        _ = await CommandRun.RunAsync(["report", run, "--data-dir", images]);

        Assert.Contains(
            "The test images are not shown: the run was trained on mnist with digest", Read(Path.Combine(run, "report.html")).Value);
    }

    [Fact]
    public async Task Report_SummaryOfOtherWeights_IsCalledOut()
    {
        string run = trained.CopyTo(_folder), file = Path.Combine(run, "summary.json");
        using (var summary = JsonDocument.Parse(File.ReadAllBytes(file)))
        {
            string digest = summary.RootElement.GetProperty("weightsSha256").GetString()!;
            File.WriteAllText(file, File.ReadAllText(file).Replace(digest, new string('0', 64)));
        }

        Assert.Contains($"Not the same: summary.json says {new string('0', 64)}.", Read(await WriteAsync(run)).Value);
    }

    [Fact]
    public async Task Report_DamagedFiles_AreNamed()
    {
        string run = trained.CopyTo(_folder);
        File.WriteAllText(Path.Combine(run, "env.json"), "{");
        foreach (string checkpoint in Directory.GetFiles(Path.Combine(run, "checkpoints")))
            File.WriteAllText(checkpoint, "nothing");

        XElement page = Read(await WriteAsync(run));

        Assert.Contains("env.json is not JSON", page.Value);
        Assert.Contains("step-000000012.ckpt", page.Value);
    }

    [Fact]
    public async Task Report_NoRun_IsBadInput()
    {
        CommandRun empty = await CommandRun.RunAsync(["report", _folder.Path]);
        CommandRun nowhere = await CommandRun.RunAsync(["report", _folder.File("nowhere")]);
        CommandRun unwritable = await CommandRun.RunAsync(["report", trained.Run, "--out", _folder.File("none/report.html")]);

        Assert.All([empty, nowhere, unwritable], run => Assert.Equal(ExitCode.BadInput, run.ExitCode));
        Assert.Contains("holds no run", empty.Error);
        Assert.Contains("does not exist", nowhere.Error);
        Assert.Contains("the folder does not exist", unwritable.Error);
    }

    private static async Task<string> WriteAsync(string run)
    {
        CommandRun report = await CommandRun.RunAsync(["report", run]);
        Assert.Equal(ExitCode.Done, report.ExitCode);
        return Path.Combine(run, "report.html");
    }

    private static XElement Read(string file)
    {
        using var reader = XmlReader.Create(file, new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore });
        return XElement.Load(reader);
    }

    private static string Class(XElement element) => (string?)element.Attribute("class") ?? "";
}
