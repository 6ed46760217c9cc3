using Lockstep.Cli.Commands;
using Lockstep.Cli.Options;
using Lockstep.Runs;
using Lockstep.Wording;

namespace Lockstep.Cli.Tests.Options;

public sealed class SettingsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Resolve_EverySource_LaterOnesWin()
    {
        string file = _folder.Write("options.json", """{ "batchSize": 16, "seed": 16, "shards": 16, /* comments are fine */ "momentum": 0.5, }""");
        Settings settings = Resolve(
            [(RunFolderOptions.Config, file), (TrainingOptions.BatchSize, "64")],
            ("LOCKSTEP__BATCH_SIZE", "32"), ("LOCKSTEP__SEED", "32"));

        Assert.Equal(64, settings.Get(TrainingOptions.BatchSize));
        Assert.Equal(32UL, settings.Get(TrainingOptions.Seed));
        Assert.Equal(16, settings.Get(TrainingOptions.Shards));
        Assert.Equal(0.5, settings.Get(OptimizerOptions.Momentum));
        Assert.Equal("784-256-10", settings.Get(ModelOptions.Model));
    }

    [Fact]
    public void Resolve_PlainVariables_LoseToTheLongNames()
    {
        Settings settings = Resolve([], ("LOCKSTEP_DATA_DIR", "/plain"), ("LOCKSTEP__DATA_DIR", "/long"), ("LOCKSTEP_OFFLINE", "1"));

        Assert.Equal("/long", settings.Get(DataOptions.DataDir));
        Assert.True(settings.Get(DataOptions.Offline));
    }

    [Fact]
    public void Resolve_EmptyVariable_IsNotSet() =>
        Assert.Equal(128, Resolve([], ("LOCKSTEP__BATCH_SIZE", "")).Get(TrainingOptions.BatchSize));

    [Fact]
    public void Resolve_ConfigNamedByVariable_IsRead()
    {
        string file = _folder.Write("options.json", """{ "batch_size": "48" }""");

        Assert.Equal(48, Resolve([], ("LOCKSTEP__CONFIG", file)).Get(TrainingOptions.BatchSize));
    }

    [Fact]
    public void Resolve_FileWithOptionsOfAnotherCommand_TakesItsOwn()
    {
        string file = _folder.Write("options.json", """{ "listen": "0.0.0.0:4053", "batchSize": 16 }""");

        Settings settings = Resolve([(RunFolderOptions.Config, file)]);

        Assert.Equal(16, settings.Get(TrainingOptions.BatchSize));
        Assert.Null(settings.Find(NetworkOptions.Listen));
    }

    [Theory]
    [InlineData("ssh")]
    [InlineData("remoteProgram")]
    public void Resolve_FileThatNamesAProgramToRun_IsRefused(string key)
    {
        string file = _folder.Write("options.json", $$"""{ "{{key}}": "touch /tmp/here" }""");

        Assert.Contains(
            "cannot name a program that is run", Assert.Single(Problems([(RunFolderOptions.Config, file)])), StringComparison.Ordinal);
    }

    [Fact]
    public void Resolve_MistakesEverywhere_AreAllReported()
    {
        string file = _folder.Write("options.json", """{ "batchSzie": 16, "momentum": 2, "epochs": [3], "shards": null, "seed": 1, "SEED": 2, "config": "x" }""");
        IReadOnlyList<string> problems = Problems(
            [(RunFolderOptions.Config, file), (ModelOptions.KeepProb, "0")],
            ("LOCKSTEP__LEARNIN_RATE", "1"), ("LOCKSTEP__L2", "-1"), ("LOCKSTEP_BATCH_SIZE", "3"), ("LOCKSTEP_KERNELS", "fast"),
            ("LOCKSTEP__FOO", "1"), ("LOCKSTEP__KEEPPROB", "9"));

        string[] expected =
        [
            "--keep-prob 0: out of range; expected a number from 1/65536 to 1.",
            $"batchSzie in {file} names no option; did you mean batchSize?",
            $"momentum 2 in {file}: out of range; expected a number from 0 to below 1.",
            $"epochs in {file} is a list; expected a whole number from 1 to 100,000, or leave it out.",
            $"shards in {file} is null; expected a whole number from 1 to 4,096, or leave it out.",
            $"SEED in {file} is given twice; keep one of them.",
            $"config in {file}: a configuration file cannot name another one.",
            "The variable LOCKSTEP__LEARNIN_RATE names no option; did you mean LOCKSTEP__LEARNING_RATE?",
            "LOCKSTEP__L2=-1: out of range; expected a number from 0 to 3.4e38.",
            "The variable LOCKSTEP__FOO names no option; see 'lockstep help train' for the options.",
            "LOCKSTEP__KEEPPROB=9: out of range; expected a number from 1/65536 to 1.",
            "The variable LOCKSTEP_BATCH_SIZE is not read; set LOCKSTEP__BATCH_SIZE, with two underscores.",
        ];
        foreach (string problem in expected)
            Assert.Contains(problem, problems);
        Assert.Contains(problems, problem => problem.StartsWith("LOCKSTEP_KERNELS is 'fast'", StringComparison.Ordinal));
        Assert.Equal(expected.Length + 1, problems.Count);
    }

    [Theory]
    [InlineData("{ \"batchSize\": 16", "is not JSON: it ends too early (line 1).")]
    [InlineData("{\n \"batchSize\": \n", "is not JSON: it ends too early (line 2).")]
    [InlineData("{\n batchSize: 3 }", "is not JSON at line 2, byte 2")]
    [InlineData("[1]", "holds a list; expected an object")]
    [InlineData("", "is not JSON: it ends too early (line 1).")]
    public void Resolve_FileThatIsNoObject_IsAProblem(string text, string expected)
    {
        string file = _folder.Write("options.json", text);

        Assert.Contains(expected, Assert.Single(Problems([(RunFolderOptions.Config, file)])));
    }

    [Fact]
    public void Resolve_FileThatIsMissing_IsAProblem() =>
        Assert.EndsWith(
            "cannot be read: there is no such file.", Assert.Single(Problems([(RunFolderOptions.Config, _folder.File("none.json"))])));

    [Fact]
    public void Resolve_FileThatIsAFolder_IsAProblem() =>
        Assert.EndsWith("cannot be read: it is a folder.", Assert.Single(Problems([(RunFolderOptions.Config, Path.GetTempPath())])));

    [Fact]
    public void Resolve_EpochsAndStepsFromOneSource_IsAProblem() =>
        Assert.Equal(
            "--steps 5 and --epochs 3: both give the length of the run; give one of them.",
            Assert.Single(Problems([(TrainingOptions.Epochs, "3"), (TrainingOptions.Steps, "5")])));

    [Fact]
    public void Resolve_StepsOverEpochsOfTheFile_TheLastWordCounts()
    {
        string file = _folder.Write("options.json", """{ "epochs": 3 }""");

        Settings settings = Resolve([(RunFolderOptions.Config, file), (TrainingOptions.Steps, "5")]);

        Assert.Equal(5, settings.Get(TrainingOptions.Steps));
        Assert.Null(settings.FindValue(TrainingOptions.Epochs));
    }

    [Fact]
    public void OnTopOf_SavedRun_FillsWhatIsNotGiven()
    {
        string saved = _folder.Write("config.json", """{ "workers": 5, "evalEvery": "7steps", "steps": 11, "runSpec": { "anything": true } }""");
        var problems = new Problems();

        Settings settings = Resolve([(NetworkOptions.Workers, "3")]).OnTopOf(saved, problems);

        Assert.Empty(problems.Messages);
        Assert.Equal(3, settings.Get(NetworkOptions.Workers));
        Assert.Equal(new Cadence(7, InEpochs: false), settings.Get(RunFolderOptions.EvaluateEvery));
        Assert.Equal(11, settings.Get(TrainingOptions.Steps));
        Assert.Null(settings.GivenNow(RunFolderOptions.EvaluateEvery));
        Assert.NotNull(settings.GivenNow(NetworkOptions.Workers));
    }

    /// <summary>Every option of every command that trains or computes, set by a variable and, where there are files, by a file.</summary>
    [Theory]
    [InlineData("train")]
    [InlineData("coordinator")]
    [InlineData("launch")]
    [InlineData("worker")]
    public void Resolve_EveryOptionOfTheCommand_CanBeSetByVariableAndFile(string command)
    {
        foreach ((_, ICliOption option) in CommandTable.All.Single(other => other.FullName == command).CliOptions)
        {
            if (option.IsCommandLineOnly)
                continue;
            string text = LegalText(option);
            var problems = new Problems();
            Settings settings = Resolve(
                [], [(option.Variable, option == RunFolderOptions.Config ? _folder.Write("c.json", "{}") : text)], problems, command);
            Assert.Empty(problems.Messages);
            Assert.True(settings.IsGiven(option), option.Name);
            if (command == "worker" || option == RunFolderOptions.Config || option.NamesProgram)
                continue;
            string file = _folder.Write("options.json", $"{{ \"{option.Key}\": \"{text}\" }}");
            settings = Resolve([(RunFolderOptions.Config, file)], [], problems, command);
            Assert.Empty(problems.Messages);
            Assert.True(settings.IsGiven(option), option.Key);
        }
    }

    [Fact]
    public void Resolve_NamesOfOtherTrainers_AreUnderstoodFromEverySource()
    {
        string file = _folder.Write("options.json", """{ "lr": 0.5 }""");
        IReadOnlyList<string> problems = Problems([(RunFolderOptions.Config, file)], ("LOCKSTEP__BS", "3"));

        Assert.Contains($"lr in {file} names no option; did you mean learningRate?", problems);
        Assert.Contains("The variable LOCKSTEP__BS names no option; did you mean LOCKSTEP__BATCH_SIZE?", problems);
    }

    [Fact]
    public void Resolve_OptionThatMeansSomethingElseElsewhere_IsForTheCommandLineOnly() =>
        Assert.Equal(
            "The variable LOCKSTEP__TO is not read: that option is for the command line only.",
            Assert.Single(Problems([], ("LOCKSTEP__TO", "3"))));

    private static string LegalText(ICliOption option)
    {
        if (option.Default is not null)
            return option.Default;
        string[] candidates =
            ["3", "mnist", "127.0.0.1:4053", "layer0/*", "layer0/*=0.1", "a=b", "host", "28x28", "0.5", "loss", "loss<=0.1", "flip"];
        return candidates.First(text =>
        {
            try
            {
                _ = option.Read([text]);
                return true;
            }
            catch (FormatException)
            {
                return false;
            }
        });
    }

    private static Settings Resolve((ICliOption Option, string Text)[] given, params (string Name, string Value)[] environment)
    {
        var problems = new Problems();
        Settings settings = Resolve(given, environment, problems);
        Assert.Empty(problems.Messages);
        return settings;
    }

    private static IReadOnlyList<string> Problems(
        (ICliOption Option, string Text)[] given, params (string Name, string Value)[] environment)
    {
        var problems = new Problems();
        _ = Resolve(given, environment, problems);
        return problems.Messages;
    }

    private static Settings Resolve(
        (ICliOption Option, string Text)[] given, (string Name, string Value)[] environment, Problems problems, string command = "train")
    {
        CommandLine.Request request = CommandLine.Parse(
            [command, .. given.SelectMany(option => new[] { option.Option.Name, option.Text })], problems);
        return Settings.Resolve(
            request.Options, request.Given, environment.ToDictionary(variable => variable.Name, variable => variable.Value), problems);
    }
}
