using System.CommandLine;
using Lockstep.Cli.Commands;
using Lockstep.Cli.Hosting;
using Lockstep.Cli.Options;
using Lockstep.Cli.Terminal;
using Lockstep.Training;
using Lockstep.Wording;
using Microsoft.Extensions.Logging;

namespace Lockstep.Cli;

/// <summary>The <c>lockstep</c> command: from arguments to exit code.</summary>
internal static class LockstepCommand
{
    /// <summary>Runs a command line. Whatever goes wrong is told on standard error; nothing is thrown.</summary>
    public static async Task<int> RunAsync(string[] args, CommandIo io)
    {
        (int code, string name, io) = await RunCommandAsync(args, io.Printable());
        if (io.Output?.Loss is not { } loss)
            return code;
        // A reader that has left, such as head, has what it wanted.
        if (!io.Output.ReaderLeft)
            io.Messages.Say(LogLevel.Error, $"{name}: the result could not be written to standard output: {loss}.");
        return code == ExitCode.Done ? ExitCode.RunFailed : code;
    }

    private static async Task<(int Code, string Name, CommandIo Io)> RunCommandAsync(string[] args, CommandIo io)
    {
        string name = "lockstep";
        bool verbose = args.Contains(OutputOptions.Verbose.Name);
        try
        {
            var problems = new Problems();
            CommandLine.Request request = CommandLine.Parse(args, problems);
            name = request.Path.Length == 0 ? name : $"{name} {request.Path}";
            if (request.IsCompletion)
                return (await request.Parsed.InvokeAsync(new InvocationConfiguration { Output = io.Out, Error = io.Error }), name, io);
            if (request.IsVersion)
            {
                io.Out.WriteLine(VersionCommand.Text);
                return (ExitCode.Done, name, io);
            }

            if (request.Command is null || request.IsHelp)
            {
                problems.ThrowIfAny();
                io.Out.Write(request.Command is null ? HelpText.OfCommands(request.Path) : HelpText.Of(request.Command, isFull: false));
                return (ExitCode.Done, name, io);
            }

            Settings settings = Settings.Resolve(request.Options, request.Given, io.Environment, problems);
            if (settings.Find(OutputOptions.LogFormat) == OutputOptions.JsonLog)
                io = io with { ErrorIsTerminal = false, Messages = new JsonMessages(io.Error, TimeProvider.System) };
            problems.ThrowIfAny();
            ResourceLimits.Check(request.Command.NeedsOf(settings));
            return (await request.Command.RunAsync(new Invocation(settings, request.Parsed, io)), name, io);
        }
        catch (Exception e) when (Mistakes.Are(e))
        {
            io.Messages.Refuse(name, UserErrors.MessagesOf(e));
            return (ExitCode.BadInput, name, io);
        }
        catch (Exception e) when (ResourceLimits.Explain(e) is { } limit)
        {
            io.Messages.Say(LogLevel.Error, $"{name}: {limit}");
            return (ExitCode.RunFailed, name, io);
        }
        catch (IOException e)
        {
            io.Messages.Say(LogLevel.Error, $"{name}: reading or writing failed: {e.Message}");
            return (ExitCode.RunFailed, name, io);
        }
        catch (UnexpectedErrorException e)
        {
            io.Messages.Say(
                LogLevel.Critical,
                $"{name}: failed unexpectedly: {e.Message} The details are in {e.LogFile}. Please report this with that file.");
            return (ExitCode.RunFailed, name, io);
        }
        catch (Exception e)
        {
            io.Messages.Say(LogLevel.Critical, $"{name}: failed unexpectedly: {e.Message} "
                + (verbose
                ? $"Please report this.{Environment.NewLine}{e}"
                : $"Run it again with {OutputOptions.Verbose.Name} for the details, and please report this."));
            return (ExitCode.RunFailed, name, io);
        }
    }
}
