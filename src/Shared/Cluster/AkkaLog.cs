using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Dispatch;
using Akka.Event;
using Microsoft.Extensions.Logging;
using AkkaLevel = Akka.Event.LogLevel;
using Level = Microsoft.Extensions.Logging.LogLevel;

namespace Lockstep.Shared.Cluster;

/// <summary>The target of the system's <see cref="AkkaLog"/>.</summary>
internal sealed class AkkaLogSetup(ILoggerFactory loggers) : Setup
{
    public ILogger Logger { get; } = loggers.CreateLogger("Akka");
}

/// <summary>Akka's logger: forwards its log events to the process's log.</summary>
internal sealed partial class AkkaLog : ReceiveActor, IRequiresMessageQueue<ILoggerMessageQueueSemantics>
{
    public AkkaLog()
    {
        ILogger? logger = Context.System.Settings.Setup.Get<AkkaLogSetup>() is { HasValue: true } setup ? setup.Value.Logger : null;
        Receive<InitializeLogger>(_ => Sender.Tell(new LoggerInitialized()));
        Receive<LogEvent>(entry =>
        {
            Level level = LevelOf(entry.LogLevel());
            if (logger is null || !logger.IsEnabled(level))
                return;
            string? message = entry.Message?.ToString();
            Log(logger, level, entry.LogSource, message, entry.Cause);
        });
    }

    private static Level LevelOf(AkkaLevel level) => level switch
    {
        AkkaLevel.DebugLevel => Level.Debug,
        AkkaLevel.InfoLevel => Level.Information,
        AkkaLevel.WarningLevel => Level.Warning,
        _ => Level.Error,
    };

    [LoggerMessage(Message = "{Source}: {Message}")]
    private static partial void Log(ILogger logger, Level level, string source, string? message, Exception? cause);
}
