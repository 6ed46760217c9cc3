using System.Net;
using System.Text;

namespace Lockstep.Cli.Reports;

/// <summary>HTML that is well-formed XML too, so that other programs can read it.</summary>
internal static class Html
{
    /// <summary>Text as it stands in an element or a quoted attribute.</summary>
    public static string Encode(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
            _ = clean.Append(Rune.IsControl(rune) && rune.Value is not ('\n' or '\t') || rune.Value is 0xfffe or 0xffff
                ? Rune.ReplacementChar.ToString()
                : rune.ToString());
        return WebUtility.HtmlEncode(clean.ToString());
    }

    /// <summary>A section with a heading; the content is HTML already.</summary>
    public static string Section(string heading, string content) => $"<section>\n<h2>{Encode(heading)}</h2>\n{content}\n</section>\n";

    /// <summary>A paragraph of text.</summary>
    public static string Paragraph(string text) => $"<p>{Encode(text)}</p>\n";

    /// <summary>A paragraph that says why something is not there.</summary>
    public static string Missing(string text) => $"<p class=\"missing\">{Encode(text)}</p>\n";

    /// <summary>Names and values.</summary>
    public static string Pairs(IEnumerable<(string Name, string Value)> pairs) =>
        "<div class=\"scroll\" tabindex=\"0\"><table class=\"pairs\"><tbody>\n"
        + string.Concat(pairs.Select(pair => $"<tr><th>{Encode(pair.Name)}</th><td>{Encode(pair.Value)}</td></tr>\n"))
        + "</tbody></table></div>\n";

    /// <summary>A table of text.</summary>
    public static string Table(IEnumerable<string> heading, IEnumerable<IReadOnlyList<string>> rows, string kind)
    {
        var text = new StringBuilder($"<div class=\"scroll\" tabindex=\"0\"><table class=\"{kind}\"><thead><tr>");
        _ = text.AppendJoin("", heading.Select(cell => $"<th>{Encode(cell)}</th>")).Append("</tr></thead><tbody>\n");
        foreach (IReadOnlyList<string> row in rows)
            _ = text.Append("<tr>").AppendJoin("", row.Select(cell => $"<td>{Encode(cell)}</td>")).Append("</tr>\n");
        return text.Append("</tbody></table></div>\n").ToString();
    }

    /// <summary>A picture within the file.</summary>
    public static string Picture(byte[] png, string description) =>
        $"<div class=\"scroll\" tabindex=\"0\"><img alt=\"{Encode(description)}\" "
        + $"src=\"data:image/png;base64,{Convert.ToBase64String(png)}\"/></div>\n";
}
