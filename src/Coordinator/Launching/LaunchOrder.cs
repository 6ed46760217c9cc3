using System.Globalization;

namespace Lockstep.Coordinator.Launching;

/// <summary>What a worker that was launched reads from its standard input, as one line: where to join, and more where it works on another machine.</summary>
/// <param name="Address">HOST:PORT of the coordinator.</param>
/// <param name="Secret">What it must prove that it knows; without blanks. Null for nothing.</param>
/// <param name="Process">The process by which its launcher knows it; null where that is its own.</param>
public sealed record LaunchOrder(string Address, string? Secret = null, int? Process = null)
{
    /// <summary>Reads the line.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static LaunchOrder Parse(string line)
    {
        ArgumentNullException.ThrowIfNull(line);
        return line.Trim().Split(' ') switch
        {
            [{ Length: > 0 } address] => new LaunchOrder(address),
            [var address, var secret, var process] when int.TryParse(process, NumberStyles.None, CultureInfo.InvariantCulture, out int id) =>
                new LaunchOrder(address, secret, id),
            _ => throw new FormatException("The launcher of this worker sent a line that is not an address, or an address with a secret and a number. Use the same version on every machine."),
        };
    }

    /// <summary>The line.</summary>
    public string ToLine() => Secret is null ? Address : $"{Address} {Secret} {Process}";

    /// <summary>Says nothing of the secret.</summary>
    public override string ToString() => $"join {Address}";
}
