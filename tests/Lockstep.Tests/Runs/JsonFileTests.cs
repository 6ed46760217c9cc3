using Lockstep.Runs;
using Lockstep.Tests;

namespace Lockstep.Lockstep.Tests.Runs;

public sealed class JsonFileTests : IDisposable
{
    private readonly TemporaryFolder _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public void Write_FailsHalfway_KeepsTheOldFileAndNoOther()
    {
        string path = _temporary.Write("summary.json", "old");

        _ = Assert.Throws<InvalidOperationException>(() => JsonFile.Write(path, writer =>
        {
            writer.WriteStartObject();
            throw new InvalidOperationException();
        }));

        Assert.Equal("old", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(_temporary.Path));
    }
}
