using System.Globalization;
using Lockstep.Runs;
using Microsoft.Extensions.Logging;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Extensions.Logging;
using Serilog.Formatting.Display;

namespace Lockstep.Cli.Terminal;

/// <summary>Logs on standard error, for those who asked for them.</summary>
internal static class MessageLog
{
    /// <summary>Makes loggers.</summary>
    /// <param name="messages">Standard error; null for nowhere.</param>
    /// <param name="verbose">
    /// Whether to tell all. Otherwise only warnings go to standard error, and of what Akka has to say only that an actor failed:
    /// for one lost worker it has dozens of lines about the connection.
    /// </param>
    public static ILoggerFactory Create(Messages? messages, bool verbose)
    {
        LoggerConfiguration configuration = new LoggerConfiguration().MinimumLevel.Is(
            verbose ? LogEventLevel.Debug : LogEventLevel.Warning);
        // The display shows events.
        configuration = configuration.Filter.ByExcluding(RunLog.IsOfEvents);
        if (!verbose)
            configuration = configuration.Filter.ByExcluding(RunLog.IsChatter);
        if (messages is not null)
            configuration = configuration.WriteTo.Sink(new MessageSink(messages));
        return new SerilogLoggerFactory(configuration.CreateLogger(), dispose: true);
    }

    private sealed class MessageSink(Messages messages) : ILogEventSink
    {
        private readonly MessageTemplateTextFormatter _formatter = new("{Message:lj}", CultureInfo.InvariantCulture);

        public void Emit(LogEvent logEvent)
        {
            var message = new StringWriter();
            _formatter.Format(logEvent, message);
            string source = logEvent.Properties.GetValueOrDefault(
                Constants.SourceContextPropertyName) is ScalarValue { Value: string category }
                ? category
                : "";
            messages.Log(LevelOf(logEvent.Level), source, message.ToString(), logEvent.Exception);
        }

        private static LogLevel LevelOf(LogEventLevel level) => level switch
        {
            LogEventLevel.Verbose => LogLevel.Trace,
            LogEventLevel.Debug => LogLevel.Debug,
            LogEventLevel.Information => LogLevel.Information,
            LogEventLevel.Warning => LogLevel.Warning,
            LogEventLevel.Error => LogLevel.Error,
            _ => LogLevel.Critical,
        };
    }
}
