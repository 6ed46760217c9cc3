using System.Globalization;

namespace Lockstep.Coordinator.Launching;

/// <summary>
/// The line that a launched worker reads from its standard input: where to join, and for another machine the secret and process id.
/// </summary>
/// <param name="Address">HOST:PORT of the coordinator.</param>
/// <param name="Secret">The secret to prove, without blanks; null for none.</param>
/// <param name="Process">The process id by which its launcher knows it; null for its own.</param>
public sealed record LaunchOrder(string Address, string? Secret = null, int? Process = null)
{
    /// <summary>Parses the line.</summary>
    /// <exception cref="FormatException">The line is malformed.</exception>
    public static LaunchOrder Parse(string line)
    {
        ArgumentNullException.ThrowIfNull(line);
        return line.Trim().Split(' ') switch
        {
            [{ Length: > 0 } address] => new LaunchOrder(address),
            [var address, var secret, var process]
                when int.TryParse(process, NumberStyles.None, CultureInfo.InvariantCulture, out int id) =>
                new LaunchOrder(address, secret, id),
            _ => throw new FormatException(
                "The launcher of this worker sent a line that is not an address, or an address with a secret and a number. "
                    + "Use the same version on every machine."),
        };
    }

    /// <summary>Formats the line.</summary>
    public string ToLine() => Secret is null ? Address : $"{Address} {Secret} {Process}";

    /// <summary>Omits the secret, so that it reaches no log.</summary>
    public override string ToString() => $"join {Address}";
}
