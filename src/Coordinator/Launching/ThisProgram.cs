using System.Diagnostics;

namespace Lockstep.Coordinator.Launching;

/// <summary>This same program, to be started again as another process.</summary>
public static class ThisProgram
{
    /// <summary>How to start it, with all three streams redirected.</summary>
    /// <param name="arguments">The command line of the new process.</param>
    public static ProcessStartInfo StartInfo(IEnumerable<string> arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        string program = Environment.ProcessPath ?? throw new InvalidOperationException("The path of this program is unknown.");
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (Path.GetFileNameWithoutExtension(program) == "dotnet")
            start.ArgumentList.Add(Environment.GetCommandLineArgs()[0]);
        // Nobody looks into a process that nobody looks into here, and one that is killed would leave the files of its port.
        if (!DiagnosticsPort.IsAsked)
            start.Environment[DiagnosticsPort.Variable] = "0";
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        return start;
    }
}
