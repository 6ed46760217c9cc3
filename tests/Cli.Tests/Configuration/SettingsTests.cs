using Lockstep.Cli.Configuration;
using Lockstep.Runs;
using Lockstep.Wording;

namespace Lockstep.Cli.Tests.Configuration;

public sealed class SettingsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Resolve_EverySource_LaterOnesWin()
    {
        string file = _folder.Write("options.json", """{ "batchSize": 16, "seed": 16, "shards": 16, /* comments are fine */ "momentum": 0.5, }""");
        Settings settings = Resolve(
            [(OptionTable.Config, file), (OptionTable.BatchSize, "64")],
            ("LOCKSTEP__BATCH_SIZE", "32"), ("LOCKSTEP__SEED", "32"));

        Assert.Equal(64, settings.Get(OptionTable.BatchSize));
        Assert.Equal(32UL, settings.Get(OptionTable.Seed));
        Assert.Equal(16, settings.Get(OptionTable.Shards));
        Assert.Equal(0.5, settings.Get(OptionTable.Momentum));
        Assert.Equal("784-256-10", settings.Get(OptionTable.Model));
    }

    [Fact]
    public void Resolve_PlainVariables_LoseToTheLongNames()
    {
        Settings settings = Resolve([], ("LOCKSTEP_DATA_DIR", "/plain"), ("LOCKSTEP__DATA_DIR", "/long"), ("LOCKSTEP_OFFLINE", "1"));

        Assert.Equal("/long", settings.Get(OptionTable.DataDir));
        Assert.True(settings.Get(OptionTable.Offline));
    }

    [Fact]
    public void Resolve_EmptyVariable_IsNotSet() => Assert.Equal(128, Resolve([], ("LOCKSTEP__BATCH_SIZE", "")).Get(OptionTable.BatchSize));

    [Fact]
    public void Resolve_ConfigNamedByVariable_IsRead()
    {
        string file = _folder.Write("options.json", """{ "batch_size": "48" }""");

        Assert.Equal(48, Resolve([], ("LOCKSTEP__CONFIG", file)).Get(OptionTable.BatchSize));
    }

    [Fact]
    public void Resolve_FileWithOptionsOfAnotherCommand_TakesItsOwn()
    {
        string file = _folder.Write("options.json", """{ "listen": "0.0.0.0:4053", "batchSize": 16 }""");

        Settings settings = Resolve([(OptionTable.Config, file)]);

        Assert.Equal(16, settings.Get(OptionTable.BatchSize));
        Assert.Null(settings.Text(OptionTable.Listen));
    }

    [Theory]
    [InlineData("ssh")]
    [InlineData("remoteProgram")]
    public void Resolve_FileThatNamesAProgramToRun_IsRefused(string key)
    {
        string file = _folder.Write("options.json", $$"""{ "{{key}}": "touch /tmp/here" }""");

        Assert.Contains("cannot name a program that is run", Assert.Single(Problems([(OptionTable.Config, file)])), StringComparison.Ordinal);
    }

    [Fact]
    public void Resolve_MistakesEverywhere_AreAllReported()
    {
        string file = _folder.Write("options.json", """{ "batchSzie": 16, "momentum": 2, "epochs": [3], "shards": null, "seed": 1, "SEED": 2, "config": "x" }""");
        IReadOnlyList<string> problems = Problems(
            [(OptionTable.Config, file), (OptionTable.KeepProb, "0")],
            ("LOCKSTEP__LEARNIN_RATE", "1"), ("LOCKSTEP__L2", "-1"), ("LOCKSTEP_BATCH_SIZE", "3"), ("LOCKSTEP_KERNELS", "fast"), ("LOCKSTEP__FOO", "1"), ("LOCKSTEP__KEEPPROB", "9"));

        string[] expected =
        [
            "--keep-prob 0: out of range; expected a number from 1/65536 to 1.",
            $"batchSzie in {file} names no option; did you mean batchSize?",
            $"momentum 2 in {file}: out of range; expected a number from 0 to below 1.",
            $"epochs in {file} is an array; expected a whole number from 1 to 100,000, or leave it out.",
            $"shards in {file} is null; expected a whole number from 1 to 4,096, or leave it out.",
            $"SEED in {file} is given twice; keep one of them.",
            $"config in {file}: a configuration file cannot name another one.",
            "The variable LOCKSTEP__LEARNIN_RATE names no option; did you mean LOCKSTEP__LEARNING_RATE?",
            "LOCKSTEP__L2=-1: out of range; expected a number from 0 to 3.4e38.",
            "The variable LOCKSTEP__FOO names no option; see 'lockstep train --help' for the options.",
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
    [InlineData("[1]", "holds an array; expected an object")]
    [InlineData("", "is not JSON: it ends too early (line 1).")]
    public void Resolve_FileThatIsNoObject_IsAProblem(string text, string expected)
    {
        string file = _folder.Write("options.json", text);

        Assert.Contains(expected, Assert.Single(Problems([(OptionTable.Config, file)])));
    }

    [Fact]
    public void Resolve_FileThatIsMissing_IsAProblem() =>
        Assert.EndsWith("cannot be read: there is no such file.", Assert.Single(Problems([(OptionTable.Config, _folder.File("none.json"))])));

    [Fact]
    public void Resolve_FileThatIsAFolder_IsAProblem() =>
        Assert.EndsWith("cannot be read: it is a folder.", Assert.Single(Problems([(OptionTable.Config, Path.GetTempPath())])));

    [Fact]
    public void Resolve_EpochsAndStepsFromOneSource_IsAProblem() =>
        Assert.Equal(
            "--steps 5 and --epochs 3: both give the length of the run; give one of them.",
            Assert.Single(Problems([(OptionTable.Epochs, "3"), (OptionTable.Steps, "5")])));

    [Fact]
    public void Resolve_StepsOverEpochsOfTheFile_TheLastWordCounts()
    {
        string file = _folder.Write("options.json", """{ "epochs": 3 }""");

        Settings settings = Resolve([(OptionTable.Config, file), (OptionTable.Steps, "5")]);

        Assert.Equal(5, settings.Get(OptionTable.Steps));
        Assert.Null(settings.Text(OptionTable.Epochs));
    }

    [Fact]
    public void OnTopOf_SavedRun_FillsWhatIsNotGiven()
    {
        string saved = _folder.Write("config.json", """{ "workers": 5, "evalEvery": "7steps", "steps": 11, "runSpec": { "anything": true } }""");
        var problems = new Problems();

        Settings settings = Resolve([(OptionTable.Workers, "3")]).OnTopOf(saved, problems);

        Assert.Empty(problems.Messages);
        Assert.Equal(3, settings.Get(OptionTable.Workers));
        Assert.Equal(new Cadence(7, InEpochs: false), settings.Get(OptionTable.EvaluateEvery));
        Assert.Equal(11, settings.Get(OptionTable.Steps));
        Assert.Null(settings.GivenNow(OptionTable.EvaluateEvery));
        Assert.NotNull(settings.GivenNow(OptionTable.Workers));
    }

    private static Settings Resolve((OptionDescriptor Option, string Text)[] given, params (string Name, string Value)[] environment)
    {
        var problems = new Problems();
        Settings settings = Resolve(given, environment, problems);
        Assert.Empty(problems.Messages);
        return settings;
    }

    private static IReadOnlyList<string> Problems((OptionDescriptor Option, string Text)[] given, params (string Name, string Value)[] environment)
    {
        var problems = new Problems();
        _ = Resolve(given, environment, problems);
        return problems.Messages;
    }

    private static Settings Resolve((OptionDescriptor Option, string Text)[] given, (string Name, string Value)[] environment, Problems problems) =>
        Settings.Resolve(
            CommandSet.Train,
            [.. given.Select(option => new Setting(option.Option, option.Text, SettingSource.CommandLine))],
            environment.ToDictionary(variable => variable.Name, variable => variable.Value),
            problems);
}
