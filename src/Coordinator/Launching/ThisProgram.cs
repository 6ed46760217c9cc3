using System.Diagnostics;

namespace Lockstep.Coordinator.Launching;

/// <summary>Starts this program again as another process.</summary>
public static class ThisProgram
{
    /// <summary>Start information with all three streams redirected.</summary>
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
        // If nobody debugs this process, nobody debugs its children, and a killed child would leave its port's files behind.
        if (!DiagnosticsPort.IsAsked)
            start.Environment[DiagnosticsPort.Variable] = "0";
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        return start;
    }
}
