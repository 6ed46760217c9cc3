using System.Globalization;
using Lockstep.Cli.Board;

namespace Lockstep.Cli.Tests.Board;

public sealed class TraceTailTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    [InlineData(30_000)]
    public void Read_UpToAnyStep_EndsWithThatStep(int steps)
    {
        string path = Write(steps);

        foreach (long step in Enumerable.Range(1, 60).Select(place => 1 + (steps - 1L) * place / 60))
        {
            Assert.Equal(
                Enumerable.Range(1, (int)step).TakeLast(16).Select(one => new BoardTraceLine(one, Hash(one), Hash(-one))),
                TraceTail.Read(path, step));
        }

        Assert.Equal(TraceTail.Read(path, steps), TraceTail.Read(path));
        Assert.Empty(TraceTail.Read(path, 0));
    }

    [Fact]
    public void Read_LineThatIsBeingWritten_IsLeftOut()
    {
        string path = Write(100);
        File.AppendAllText(path, $"101 {Hash(101)}");

        Assert.Equal(100, TraceTail.Read(path)[^1].Step);
    }

    [Fact]
    public void Read_NothingOrAnotherFile_IsEmpty()
    {
        string path = _folder.File("trace.txt");
        Assert.Empty(TraceTail.Read(path));
        foreach (string text in new[] { "", "lockstep-trace 1\nspec x\nfrom 0 x\n", new string('x', 5000), new string('\n', 5000) })
        {
            File.WriteAllText(path, text);
            Assert.Empty(TraceTail.Read(path));
            Assert.Empty(TraceTail.Read(path, 7));
        }
    }

    private string Write(int steps)
    {
        string path = _folder.File("trace.txt");
        File.WriteAllLines(path, [
            "lockstep-trace 1", $"spec {Hash(0)}", $"from 0 {Hash(0)}",
            .. Enumerable.Range(1, steps).Select(step => $"{step} {Hash(step)} {Hash(-step)}")]);
        return path;
    }

    private static string Hash(long of) => of.ToString("x32", CultureInfo.InvariantCulture);
}
