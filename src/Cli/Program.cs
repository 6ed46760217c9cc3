using Lockstep.Cli;
using Lockstep.Cli.Commands;
using Lockstep.Cli.Hosting;

StandardStream.TakeClosed();
return await LockstepCommand.RunAsync(args, CommandIo.OfProcess());
