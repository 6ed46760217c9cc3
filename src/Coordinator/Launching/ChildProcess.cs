using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Lockstep.Model.Text;

namespace Lockstep.Coordinator.Launching;

/// <summary>Starts child processes.</summary>
public static class ChildProcess
{
    private const int NotThere = 2, NoProgram = 8, TryAgain = 11, NotAllowed = 13;

    /// <summary>Starts a program.</summary>
    /// <exception cref="ChildStartException">It cannot be started; the message says why and what to do.</exception>
    public static Process Start(ProcessStartInfo start)
    {
        ArgumentNullException.ThrowIfNull(start);
        try
        {
            return Process.Start(start) ?? throw new ChildStartException($"{start.FileName} cannot be started.");
        }
        catch (Win32Exception e)
        {
            throw new ChildStartException($"{start.FileName} cannot be started: {Describe(start.FileName, e)}", e);
        }
    }

    private static string Describe(string file, Win32Exception e) => e.NativeErrorCode switch
    {
        NotThere => "it, or a file that it needs, no longer exists. Install it again, and start this command again.",
        NoProgram => $"it is damaged, or no program for this machine ({RuntimeInformation.OSDescription}, "
            + $"{RuntimeInformation.OSArchitecture}). Publish or install it again, for this machine.",
        NotAllowed => "you may not execute it. Check whether its disk is mounted with noexec; if not, run: chmod +x "
            + ShellWord.OfPath(file),
        TryAgain => "the system has no room for another process of this user.",
        // The exception's own message repeats the command line.
        _ => $"{Marshal.GetPInvokeErrorMessage(e.NativeErrorCode)}.",
    };
}
