using Lockstep.Networks;
using Lockstep.Tests;

namespace Lockstep.Lockstep.Tests.Networks;

public sealed class NameMapTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("""{ "w": "layer0/weights" }""")]
    [InlineData("\ufeff{ \"w\": \"layer0/weights\", } // that is all")]
    public void Parse_File_IsRead(string text) =>
        Assert.Equal("layer0/weights", NameMap.Parse(Write(text)).Names["w"]);

    [Theory]
    [InlineData(
        """{ "w": 1, "b": "x", "b": "y" }""",
        "w: it is 1; expected the name of a parameter of the model.",
        "b: it is given twice; keep one of them.")]
    [InlineData("[1]", "holds a list; expected an object such as { \"weights_0\": \"layer0/weights\" }.")]
    [InlineData("{", "is not JSON: it ends too early (line 1).")]
    public void Parse_FileWithMistakes_TellsThemAll(string text, params string[] expected)
    {
        string message = Assert.Throws<FormatException>(() => NameMap.Parse(Write(text))).Message;
        Assert.All(expected, problem => Assert.Contains(problem, message, StringComparison.Ordinal));
    }

    private string Write(string text)
    {
        string path = Path.Combine(_folder.Path, "map.json");
        File.WriteAllText(path, text);
        return path;
    }
}
