using System.Diagnostics;

namespace Lockstep.Coordinator.Launching;

/// <summary>
/// Workers on other machines, each by one ssh connection: it carries the program, tells the worker where to join, and is the worker's life
/// line. Whatever ends the connection ends the worker, and the folder that was made for it goes.
/// </summary>
public static class SshLaunch
{
    /// <summary>Printed by the other machine when it has the program.</summary>
    internal const string Unpacked = "lockstep: unpacked";

    // A terminal sends Ctrl-C to ssh too, but the worker is needed for the step that is finished: signals of terminals are not for ssh. A connection
    // that serves others too would outlive this one, and hold its streams. What the user says comes first, for ssh takes the first value that it is given.
    private const string Connect = "trap '' HUP INT QUIT; exec {0} -T -o BatchMode=yes -o ControlMaster=no -o ConnectTimeout=15 -o ServerAliveInterval=5 -o ServerAliveCountMax=3 \"$@\"";

    // The archive has as many bytes as the first line says. The shell stays, to remove the folder when the worker has ended, and that ends when
    // its standard input does.
    private const string Carry = """
        umask 077; [ "$(uname -sm)" = '{0}' ] || { echo "this machine is $(uname -sm), but the program is for {0}: publish it for this one, install it there, and use --remote-program" >&2; exit 1; };
        d=$(mktemp -d "${TMPDIR:-/tmp}/lockstep.XXXXXX") || exit 1; trap 'rm -rf "$d"' EXIT; trap 'exit 143' HUP INT TERM;
        read -r n || exit 1; head -c "$n" | tar -xozf - -C "$d" || exit 1; echo '{1}'; "$d/lockstep" {2}; exit $?
        """;

    /// <summary>A worker on another machine.</summary>
    /// <param name="ssh">How ssh is called, as a shell reads it.</param>
    /// <param name="host">Where to: [USER@]HOST, not beginning with <c>-</c>.</param>
    /// <param name="lanes">Its compute threads; null for as many as it has processors.</param>
    /// <param name="program">What is carried there.</param>
    /// <param name="remoteProgram">What is there already, instead; null to carry it.</param>
    /// <param name="secret">What the worker must prove that it knows.</param>
    public static WorkerLaunch To(string ssh, string host, int? lanes, Task<CarriedProgram>? program, string? remoteProgram, string secret)
    {
        ArgumentNullException.ThrowIfNull(host);
        string worker = $"worker --join ssh" + (lanes is { } count ? $" --lanes {count}" : "");
        string script = remoteProgram is not null
            ? $"exec {Quote(remoteProgram)} {worker}"
            : Carry.Replace("\n", " ", StringComparison.Ordinal).Replace("{0}", CarriedProgram.Machine, StringComparison.Ordinal)
                .Replace("{1}", Unpacked, StringComparison.Ordinal).Replace("{2}", worker, StringComparison.Ordinal);
        return new WorkerLaunch
        {
            // The user's shell there may be any.
            Start = Command(ssh, host, $"exec sh -c {Quote(script)}"),
            Host = host,
            Secret = secret,
            Program = remoteProgram is null ? program : null,
        };
    }

    /// <summary>A call of ssh, with all three streams redirected.</summary>
    /// <param name="ssh">How ssh is called, as a shell reads it.</param>
    /// <param name="arguments">What comes after its options.</param>
    public static ProcessStartInfo Command(string ssh, params IEnumerable<string> arguments)
    {
        ArgumentNullException.ThrowIfNull(ssh);
        return new ProcessStartInfo("/bin/sh", ["-c", Connect.Replace("{0}", ssh, StringComparison.Ordinal), "sh", .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
    }

    /// <summary>A word that a shell reads as it is, as people would write it.</summary>
    public static string QuoteIfNeeded(string word) => word.Length > 0 && word.All(letter => char.IsAsciiLetterOrDigit(letter) || "_./:@%+,-".Contains(letter)) ? word : Quote(word);

    /// <summary>A word that a shell reads as it is.</summary>
    public static string Quote(string word) => $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
