using System.Diagnostics;
using Lockstep.Model.Text;

namespace Lockstep.Model.Tests.Text;

public class ShellWordTests
{
    [SkippableTheory]
    [InlineData("plain")]
    [InlineData("with blanks and 'quotes' and \"more\"")]
    [InlineData("$HOME `id` $(id) \\ ; & | > * ? ! ~ # {a,b} [c]")]
    [InlineData("''")]
    [InlineData("")]
    [InlineData("~")]
    [InlineData("a,b=c")]
    [InlineData("größer 漢字")]
    [InlineData("two\nlines")]
    public void Word_AnyText_IsReadByAShellAsItIs(string text)
    {
        Skip.If(OperatingSystem.IsWindows(), "no Unix shell");
        Assert.Equal([text, text, text], Read($"{ShellWord.Of(text)} {ShellWord.Quoted(text)} {ShellWord.OfPath(text)}"));
    }

    [Theory]
    [InlineData("runs/a-1.5_b:c@d%e+f,g", "runs/a-1.5_b:c@d%e+f,g")]
    [InlineData("my runs/a", "'my runs/a'")]
    [InlineData("-", "-")]
    public void Of_Text_IsQuotedOnlyWhereAShellReadsSomethingElse(string text, string expected) =>
        Assert.Equal(expected, ShellWord.Of(text));

    [Theory]
    [InlineData("--out", "./--out")]
    [InlineData("- and more", "'./- and more'")]
    [InlineData("runs/-a", "runs/-a")]
    public void OfPath_PathLikeAnOption_BeginsWithItsFolder(string path, string expected) => Assert.Equal(expected, ShellWord.OfPath(path));

    private static string[] Read(string words)
    {
        using Process shell = Process.Start(
            new ProcessStartInfo("/bin/sh", ["-c", $"printf '%s\\0' {words}"]) { RedirectStandardOutput = true })!;
        string output = shell.StandardOutput.ReadToEnd();
        shell.WaitForExit();
        return output.Split('\0')[..^1];
    }
}
