using System.Runtime.CompilerServices;
using System.Text;
using Lockstep.Cli.Hosting;
using Lockstep.Cli.Terminal;
using Lockstep.Coordinator.Launching;

namespace Lockstep.Cli;

internal static class Program
{
    private static int Main(string[] args)
    {
        StandardStream.TakeClosed();
        if (ResourceLimits.FindTooFewFiles() is { } problem)
        {
            // Without the console, which could not be loaded.
            string name = args.Length > 0 ? $"lockstep {args[0]}" : "lockstep";
            new StandardStream(2).Write(Encoding.UTF8.GetBytes($"{name}: {problem}\n"));
            return ExitCode.BadInput;
        }

        ResourceLimits.SaveAddressSpace();
        return Run(args);
    }

    // What it needs is loaded when it is called.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Run(string[] args)
    {
        DiagnosticsPort.Close();
        return LockstepCommand.RunAsync(args, CommandIo.OfProcess()).GetAwaiter().GetResult();
    }
}
