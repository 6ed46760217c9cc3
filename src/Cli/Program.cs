using Lockstep.Cli;
using Lockstep.Cli.Commands;
using Lockstep.Cli.Hosting;
using Lockstep.Coordinator;

StandardStream.TakeClosed();
DiagnosticsPort.Close();
return await LockstepCommand.RunAsync(args, CommandIo.OfProcess());
