using System.Text;
using Lockstep.Model.Text;

namespace Lockstep.Cli.Terminal;

/// <summary>
/// Text for a terminal. Names in it may come from files of others; what would steer the terminal is replaced, ends of lines and tabs are
/// not.
/// </summary>
/// <param name="terminal">Where it goes.</param>
internal sealed class PrintableWriter(TextWriter terminal) : TextWriter(terminal.FormatProvider)
{
    public override Encoding Encoding => terminal.Encoding;

    public override void Write(char value) => terminal.Write(ForeignText.PrintableLines(value.ToString()));

    public override void Write(string? value) => terminal.Write(ForeignText.PrintableLines(value ?? ""));

    public override void Write(ReadOnlySpan<char> buffer) => Write(buffer.ToString());

    public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

    // At once, because others write to the same terminal.
    public override void WriteLine(string? value) => terminal.WriteLine(ForeignText.PrintableLines(value ?? ""));

    public override void Flush() => terminal.Flush();
}
