using System.Text.RegularExpressions;
using Lockstep.Cli.Commands;
using Lockstep.Cli.Terminal;
using Lockstep.Wording;

namespace Lockstep.Cli.Tests.Documents;

/// <summary>
/// Every command and option that the program prints works when it is pasted into a shell, also where files and columns have names in which
/// a shell would read something else.
/// </summary>
public sealed partial class PrintedAdviceTests : IDisposable
{
    private const string Odd = "it's $HOME & \"größer\", or `so`; #1 *";

    private readonly TemporaryFolder _folder = new();
    private readonly string _images;
    private readonly string _run;

    public PrintedAdviceTests()
    {
        _images = TinyImages.Write(_folder);
        _run = Path.Combine(Directory.CreateDirectory(_folder.File(Odd)).FullName, "run");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Resume_OfACompleteRun_ShowsHowToLookAtIt()
    {
        await TrainAsync("--out", _run, "--steps", "2");
        CommandRun complete = await CommandRun.RunAsync(["coordinator", "--resume", _run]);

        await WorksAsync(Call(complete.Error, "look at it: "));
    }

    [Fact]
    public async Task Out_OfARunThatIsThere_ShowsHowToResumeIt()
    {
        await TrainAsync("--out", _run, "--steps", "4", "--checkpoint-every", "1step", "--keep-checkpoints", "9");
        CutOff();
        CommandRun refused = await TinyRun.TrainAsync(_images, "--out", _run);

        string option = Between(refused.Error, "Resume it with ", ", or give another folder");
        await WorksAsync(Call($"lockstep coordinator {option}", ""));
        Assert.True(File.Exists(Path.Combine(_run, "summary.json")));
    }

    [Fact]
    public async Task Train_ThatDiverges_ShowsHowToBeginAgain()
    {
        CommandRun diverged = await TinyRun.TrainAsync(
            _images, "--out", _run, "--epochs", "3", "--model", "784-8-2", "--learning-rate", "1e30", "--checkpoint-every", "1step");

        Assert.Equal(ExitCode.RunFailed, diverged.ExitCode);
        string[] call = Call(diverged.Error, "with a lower rate: ", "weights and loss: ");
        // Lower still, so that it is low enough.
        call[^1] = "0.001";
        await WorksAsync([.. call, "--out", _folder.File("again")]);
    }

    [Theory]
    [InlineData("--seed", "2", 0)]
    [InlineData("--learning-rate", "0.07", 1)]
    public async Task Diff_OfRunsWithoutAStepInCommon_ShowsHowToMakeOne(string option, string value, int step)
    {
        string other = _run + " 2";
        await TrainAsync("--out", _run, "--steps", "2");
        await TrainAsync("--out", other, "--steps", "4", option, value);
        CommandRun first = await CommandRun.RunAsync(["diff", _run, other]);
        string[][] calls = [.. ShellText.LockstepCalls(string.Join('\n', first.Out.Split('\n').Where(
            line => line.Contains("lockstep replay ", StringComparison.Ordinal))))];

        Assert.Equal(2, calls.Length);
        foreach (string[] call in calls)
            await WorksAsync(call);
        Assert.Contains($"after step {step}: ", (await CommandRun.RunAsync(["diff", _run, other])).Out);
    }

    [Fact]
    public async Task Sweep_Done_ShowsHowToGoOnWithTheBest()
    {
        string file = _folder.Write("grid.json", """
            { "options": { "dataset": "mnist", "model": "784-2", "batch-size": 8, "shards": 2, "epochs": 1 }, "grid": { "seed": [1, 2] } }
            """);
        CommandRun sweep = await CommandRun.RunAsync(["sweep", file, "--data-dir", _images, "--out", _run]);

        await WorksAsync(Call(sweep.Out, "the best: "));
        await WorksAsync([.. Call(sweep.Out, "the same on a cluster: "), "--out", _folder.File("again")]);
    }

    [Fact]
    public async Task LrFind_Done_ShowsHowToTrainWithTheRate()
    {
        string images = TinyImagesIn(Odd);
        CommandRun found = await CommandRun.RunAsync(
        [
            "lr-find", "--data-dir", images, "--dataset", "mnist", "--model", "784-2", "--batch-size", "8", "--shards", "2",
            "--initializer", "truncated_normal(0, 0.2)",
        ]);

        await WorksAsync([.. Call(found.Out, "train with it "), "--steps", "2", "--out", _run]);
    }

    [Fact]
    public async Task InitFrom_ModelThatDiffers_ShowsTheOptionsThatAllowIt()
    {
        await TrainAsync("--out", _run, "--steps", "2", "--model", "784-8-2");
        string[] command = ["train", "--init-from", _run, "--model", "784-8-4-2", "--dry-run"];
        CommandRun refused = await CommandRun.RunAsync(command);

        string all = Between(refused.Error, "To allow all of this: ", ".");
        await WorksAsync([.. command, .. Words(all)]);
        string[] parameters = [.. Exclude().Matches(refused.Error).Select(match => Words(match.Groups[1].Value)[0])];
        Assert.Equal(4, parameters.Length);
        await WorksAsync([.. command, "--exclude", string.Join(',', parameters)]);
    }

    [Fact]
    public async Task Certs_Init_ShowsHowToIssueOne()
    {
        CommandRun made = await CommandRun.RunAsync(["certs", "init", "--tls-dir", _run]);

        string[] call = [.. Call(made.Out, "A node's folder: ").Select(word => word == "NODE" ? _folder.File("node") : word)];
        CommandRun issued = await CommandRun.RunAsync(call);
        Assert.True(issued.ExitCode == ExitCode.Done, issued.Error);
    }

    [Fact]
    public async Task DataInfo_ColumnThatNumbersTheRows_ShowsHowToLeaveItOut()
    {
        string table = _folder.Write(
            "table.csv",
            $"\"{Odd.Replace("\"", "\"\"", StringComparison.Ordinal)}\",value,class\n"
            + string.Concat(Enumerable.Range(0, 40).Select(row => $"{row + 1},{row * 7 % 13},{"xy"[row % 2]}\n")));
        string[] command = ["data", "info", table, "--label", "class"];
        CommandRun told = await CommandRun.RunAsync(command);

        string option = Ignore().Match(told.Out).Value.TrimEnd('.');
        CommandRun again = await CommandRun.RunAsync([.. command, .. Words(option)]);
        Assert.Contains("numbers the rows", told.Out);
        Assert.Equal((ExitCode.Done, false), (again.ExitCode, again.Out.Contains("numbers the rows", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Train_TableWithoutALabel_ShowsHowToNameIt()
    {
        string table = _folder.Write("table.csv", $"a,it's $b\n{string.Concat(Enumerable.Repeat("1,x\n2,y\n", 20))}");
        CommandRun told = await CommandRun.RunAsync(["train", "--dataset", table]);

        string[] words = Words(Between(told.Error, "such as ", " or --label -1"));
        CommandRun named = await CommandRun.RunAsync(["data", "info", table, .. words]);
        Assert.True(named.ExitCode == ExitCode.Done, named.Error);
        Assert.DoesNotContain("cannot be trained", named.Out);
        Assert.Equal(named.Out, (await CommandRun.RunAsync(["data", "info", table, "--label", "-1"])).Out);
    }

    [Fact]
    public void OptionsCutShort_OfAllCommands_AreAnsweredByOptionsOfTheCommand() => Assert.All(
        CommandTable.All.SelectMany(command => command.CliOptions, (command, entry) => (command, entry.Option.Name)), one =>
        {
            var problems = new Problems();
            _ = CommandLine.Parse([.. one.command.FullName.Split(' '), one.Name[..^1]], problems);
            string message = string.Join(' ', problems.Messages);
            // Nothing but the name of another option may come out of cutting.
            if (!message.Contains("did you mean ", StringComparison.Ordinal))
                return;
            string meant = Between(message, "did you mean ", "?");
            Assert.Contains(one.command.CliOptions.Select(entry => entry.Option.Name).Append("--help"), name => name == meant);
        });

    [Fact]
    public void Commands_InTheSources_AreUnderstood()
    {
        string sources = Path.Combine(Document.Root, "src");
        (string File, string Text)[] quoted = [.. Directory.GetFiles(sources, "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => Quoted().Matches(File.ReadAllText(file)).Select(match => (file, match.Groups[1].Value)))];

        Assert.True(quoted.Length > 10, $"Found only {quoted.Length} commands.");
        Assert.All(quoted, one =>
        {
            string[] call = Assert.Single(ShellText.LockstepCalls(one.Text));
            string path = string.Join(' ', call.TakeWhile(word => !word.StartsWith('-')));
            var problems = new Problems();
            _ = CommandLine.Parse(call, problems);
            Assert.All(problems.Messages, message => Assert.True(
                message.EndsWith("is missing", StringComparison.Ordinal) || message.Contains(" needs a value", StringComparison.Ordinal)
                || message.Contains(" is missing; ", StringComparison.Ordinal),
                $"{one.File}: {one.Text}: {message}"));
            Assert.Contains(CommandTable.All, command => $"{path} ".StartsWith($"{command.FullName} ", StringComparison.Ordinal)
                || command.FullName.StartsWith(path, StringComparison.Ordinal));
        });
    }

    private async Task TrainAsync(params string[] options)
    {
        CommandRun training = await TinyRun.TrainAsync(_images, options);
        Assert.True(training.ExitCode == ExitCode.Done, training.Error);
    }

    // Trainings on a coordinator of this process; a printed 'train' would start processes.
    private static async Task WorksAsync(string[] call)
    {
        CommandRun run = call[0] is "coordinator" || (call[0] is "train" && !call.Contains("--dry-run"))
            ? await TinyRun.CoordinateAsync(call[1..])
            : await CommandRun.RunAsync(call);
        Assert.True(run.ExitCode == ExitCode.Done, $"lockstep {string.Join(' ', call)}: {run.Error}");
    }

    /// <summary>The command behind one of some words, to the end of the line.</summary>
    private static string[] Call(string text, params string[] after)
    {
        string words = after.First(words => text.Contains(words, StringComparison.Ordinal));
        int from = text.IndexOf(words, StringComparison.Ordinal) + words.Length;
        return Assert.Single(ShellText.LockstepCalls(text[from..].Split('\n')[0]));
    }

    private static string[] Words(string text) => [.. Assert.Single(ShellText.Commands(text))];

    private static string Between(string text, string before, string after)
    {
        int from = text.IndexOf(before, StringComparison.Ordinal) + before.Length;
        Assert.True(from >= before.Length && text.IndexOf(after, from, StringComparison.Ordinal) > from, $"No '{before}' in: {text}");
        return text[from..text.IndexOf(after, from, StringComparison.Ordinal)];
    }

    private string TinyImagesIn(string name)
    {
        string folder = Directory.CreateDirectory(_folder.File(name)).FullName;
        foreach (string file in Directory.GetFiles(_images, "*-ubyte"))
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        return folder;
    }

    // As a kill after the first step leaves it.
    private void CutOff()
    {
        File.Delete(Path.Combine(_run, "summary.json"));
        foreach (string later in Directory.GetFiles(Path.Combine(_run, "checkpoints")).Order(StringComparer.Ordinal).Skip(1))
            File.Delete(later);
    }

    [GeneratedRegex("--exclude ('[^']+')")]
    private static partial Regex Exclude();

    [GeneratedRegex("--ignore '.*")]
    private static partial Regex Ignore();

    [GeneratedRegex("'(lockstep [^'{}<\\n]*)'")]
    private static partial Regex Quoted();
}
