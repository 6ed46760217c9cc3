using Lockstep.Model.Text;

namespace Lockstep.Data.Raw.Tables;

/// <summary>Options for a column, as they can be pasted into a shell.</summary>
internal static class ColumnAdvice
{
    /// <summary>The option that leaves the column out.</summary>
    public static string Ignore(string name) => "--ignore " + Argument(name);

    /// <summary>The option that reads the column as texts.</summary>
    public static string Categorical(string name) => "--categorical " + Argument(name);

    /// <summary>How a text file of Windows or an old system becomes UTF-8.</summary>
    /// <param name="path">The file.</param>
    /// <param name="encoding">Its encoding, as iconv calls it.</param>
    public static string ToUtf8(string path, string encoding = "cp1252") =>
        $"save it as UTF-8, or convert it (iconv -f {encoding} -t utf-8 {ShellWord.OfPath(ForeignText.Printable(path))} > utf8.csv)";

    private static string Argument(string name) => ShellWord.Of(ForeignText.Printable(name));
}
