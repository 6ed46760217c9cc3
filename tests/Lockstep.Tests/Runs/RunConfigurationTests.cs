using Lockstep.Runs;
using Lockstep.Tests;

namespace Lockstep.Lockstep.Tests.Runs;

public sealed class RunConfigurationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_NoFile_IsTheDefault() =>
        Assert.Equal(new Cadence(1, InEpochs: true), RunConfiguration.Read(_folder.Path).EvaluateEvery);

    [Fact]
    public void Read_FileOfAnEditor_IsTaken()
    {
        Write("\ufeff" + """
            { "evalEvery": 500, "dataDir": "/data", "include": "layer0/*", "allowMissing": true, /* more */ "other": [1], }
            """);

        var read = RunConfiguration.Read(_folder.Path);

        Assert.Equal((new Cadence(500, InEpochs: false), "/data", null), (read.EvaluateEvery, read.DataDirectory, read.InitFrom));
        Assert.Equal((true, false), (read.Rules.Wants("layer0/weights"), read.Rules.Wants("layer1/weights")));
        Assert.True(read.Rules.AllowMissing);
    }

    [Fact]
    public void Read_Mistakes_AreAllTold()
    {
        Write("""{ "evalEvery": "often", "dataDir": 3, "map": "x", "allowUnused": "yes" }""");

        var refused = Assert.Throws<RequestException>(() => RunConfiguration.Read(_folder.Path));

        string file = RunFolder.ConfigFileOf(_folder.Path);
        Assert.Equal(
        [
            $"{file}: evalEvery: not a number of steps or epochs.",
            $"{file}: dataDir is 3; expected text.",
            $"{file}: map: 'x' is not a pair of names.",
            $"{file}: allowUnused is \"yes\"; expected true or false.",
        ], refused.Messages);
    }

    private void Write(string text) => File.WriteAllText(RunFolder.ConfigFileOf(_folder.Path), text);
}
