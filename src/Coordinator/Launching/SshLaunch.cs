using System.Diagnostics;
using Lockstep.Model.Text;

namespace Lockstep.Coordinator.Launching;

/// <summary>
/// Workers on other machines, one ssh connection each. The connection carries the program, tells the worker where to join, and bounds the
/// worker's life: when it ends, for whatever reason, the worker ends and its folder is removed.
/// </summary>
public static class SshLaunch
{
    /// <summary>Printed by the other machine once it has unpacked the program.</summary>
    internal const string Unpacked = "lockstep: unpacked";

    // A terminal sends Ctrl-C to ssh too, but the worker must finish the step, so ssh ignores the terminal's signals. A shared
    // (multiplexed) connection would outlive this one and hold its streams. The user's options come first, because ssh takes the first
    // value of each option.
    private const string Connect = "trap '' HUP INT QUIT; exec {0} -T -o BatchMode=yes -o ControlMaster=no -o ConnectTimeout=15 -o "
        + "ServerAliveInterval=5 -o ServerAliveCountMax=3 \"$@\"";

    // The first line gives the size of the archive. The shell remains to remove the folder after the worker, which ends when its standard
    // input ends.
    private const string Carry = """
        umask 077; [ "$(uname -sm)" = '{0}' ] || { echo "this machine is $(uname -sm), but the program is for {0}: publish it for this one, install it there, and use --remote-program" >&2; exit 1; };
        d=$(mktemp -d "${TMPDIR:-/tmp}/lockstep.XXXXXX") || exit 1; trap 'rm -rf "$d"' EXIT; trap 'exit 143' HUP INT TERM;
        read -r n || exit 1; head -c "$n" | tar -xozf - -C "$d" || exit 1; echo '{1}'; "$d/lockstep" {2}; exit $?
        """;

    /// <summary>A worker on another machine.</summary>
    /// <param name="ssh">The ssh command, as a shell reads it.</param>
    /// <param name="host">[USER@]HOST, not beginning with <c>-</c>.</param>
    /// <param name="lanes">Its compute threads; null for its number of processors.</param>
    /// <param name="program">The program to copy.</param>
    /// <param name="remoteProgram">A program that is installed there; null to copy this one.</param>
    /// <param name="secret">The secret that the worker must prove.</param>
    public static WorkerLaunch To(string ssh, string host, int? lanes, Task<CarriedProgram>? program, string? remoteProgram, string secret)
    {
        ArgumentNullException.ThrowIfNull(host);
        string worker = $"worker --join ssh" + (lanes is { } count ? $" --lanes {count}" : "");
        string script = remoteProgram is not null
            ? $"exec {ShellWord.Quoted(remoteProgram)} {worker}"
            : Carry.Replace("\n", " ", StringComparison.Ordinal).Replace("{0}", CarriedProgram.Machine, StringComparison.Ordinal)
                .Replace("{1}", Unpacked, StringComparison.Ordinal).Replace("{2}", worker, StringComparison.Ordinal);
        return new WorkerLaunch
        {
            // The login shell there may be any shell.
            Start = Command(ssh, host, $"exec sh -c {ShellWord.Quoted(script)}"),
            Host = host,
            Secret = secret,
            Program = remoteProgram is null ? program : null,
        };
    }

    /// <summary>A call of ssh, with all three streams redirected.</summary>
    /// <param name="ssh">The ssh command, as a shell reads it.</param>
    /// <param name="arguments">The arguments after its options.</param>
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
}
