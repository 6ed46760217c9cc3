using System.Diagnostics;
using Lockstep.Coordinator.Launching;

namespace Lockstep.Chaos.Processes;

/// <summary>
/// Cleans up after this process however it ends, <c>kill -9</c> included: a shell that knows every process and mount, and kills and
/// unmounts them when its input ends.
/// </summary>
internal sealed class Guard : IDisposable
{
    // SIGKILL also ends processes that are stopped.
    private const string Script =
        """
        trap '' INT HUP TERM
        processes=' '
        mounts=' '
        while read -r word value; do
          case $word in
            process) processes="$processes$value " ;;
            ended) processes="${processes%% "$value" *} ${processes#* "$value" }" ;;
            mount) mounts="$mounts$value " ;;
            unmounted) mounts="${mounts%% "$value" *} ${mounts#* "$value" }" ;;
          esac
        done
        for process in $processes; do kill -KILL "$process" 2>/dev/null; done
        [ "$mounts" = ' ' ] || sleep 0.2
        for mount in $mounts; do umount "$mount" 2>/dev/null || umount -l "$mount" 2>/dev/null; done
        """;

    private readonly Process _shell;

    public Guard()
    {
        var start = new ProcessStartInfo("/bin/sh") { RedirectStandardInput = true };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(Script);
        _shell = ChildProcess.Start(start);
    }

    /// <summary>Adds a process.</summary>
    public void Started(int process) => Tell($"process {process}");

    /// <summary>Removes a process that has ended, because its id may be used again.</summary>
    public void Ended(int process) => Tell($"ended {process}");

    /// <summary>Adds a mount point; its path has no blanks.</summary>
    public void Mounted(string folder) => Tell($"mount {folder}");

    /// <summary>Removes a mount point that is unmounted.</summary>
    public void Unmounted(string folder) => Tell($"unmounted {folder}");

    /// <summary>Cleans up now, and waits for it.</summary>
    public void Dispose()
    {
        lock (_shell)
            _shell.StandardInput.Close();
        _shell.WaitForExit();
        _shell.Dispose();
    }

    private void Tell(string line)
    {
        lock (_shell)
        {
            if (!_shell.StandardInput.BaseStream.CanWrite)
                return;
            try
            {
                _shell.StandardInput.Write(line + "\n");
                _shell.StandardInput.Flush();
            }
            catch (IOException)
            {
                // Somebody ended the shell. This process cleans up by itself in the normal case.
            }
        }
    }
}
