using System.Globalization;
using Lockstep.Cli.Terminal;
using Microsoft.Extensions.Logging;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Extensions.Logging;
using Serilog.Formatting.Display;

namespace Lockstep.Cli.Training;

/// <summary>Where logs go: to the run's <c>log.txt</c>, and to standard error for those who asked for it.</summary>
internal static class RunLog
{
    private const string AkkaCategory = "Akka";
    private const string FileTemplate = "{Timestamp:yyyy-MM-dd HH:mm:ss.fff zzz} {Level:u3} {SourceContext}: {Message:lj}{NewLine}{Exception}";

    /// <summary>Category of what the screen shows as well: it goes to the file alone.</summary>
    public const string Screen = "Screen";

    /// <summary>Makes loggers.</summary>
    /// <param name="file">The file; null for none.</param>
    /// <param name="messages">Standard error; null for none.</param>
    /// <param name="verbose">
    /// Whether to tell all. Otherwise only warnings go to standard error, and of what Akka has to say only that an actor failed:
    /// for one lost worker it has dozens of lines about the connection.
    /// </param>
    public static ILoggerFactory Create(string? file, Messages? messages, bool verbose)
    {
        LoggerConfiguration configuration = new LoggerConfiguration().MinimumLevel.Debug();
        if (!verbose)
            configuration = configuration.Filter.ByExcluding(entry => Category(entry) == AkkaCategory && !IsActorFailure(entry));
        if (file is not null)
            configuration = configuration.WriteTo.File(file, outputTemplate: FileTemplate, formatProvider: CultureInfo.InvariantCulture, fileSizeLimitBytes: null);
        if (messages is not null)
        {
            LogEventLevel level = verbose ? LogEventLevel.Debug : LogEventLevel.Warning;
            configuration = configuration.WriteTo.Logger(console =>
                console.Filter.ByExcluding(entry => Category(entry) == Screen).WriteTo.Sink(new MessageSink(messages), level));
        }

        return new SerilogLoggerFactory(configuration.CreateLogger(), dispose: true);
    }

    private static string? Category(LogEvent entry) => Text(entry, Constants.SourceContextPropertyName);

    // Actors of ours live below /user; those of Akka's own network layer fail whenever a connection does.
    private static bool IsActorFailure(LogEvent entry) =>
        entry.Level >= LogEventLevel.Error && Text(entry, "Source")?.Contains("/user/", StringComparison.Ordinal) == true;

    private static string? Text(LogEvent entry, string property) => entry.Properties.GetValueOrDefault(property) is ScalarValue { Value: string text } ? text : null;

    private sealed class MessageSink(Messages messages) : ILogEventSink
    {
        private readonly MessageTemplateTextFormatter _formatter = new("{Message:lj}", CultureInfo.InvariantCulture);

        public void Emit(LogEvent logEvent)
        {
            var message = new StringWriter();
            _formatter.Format(logEvent, message);
            messages.Log(LevelOf(logEvent.Level), Category(logEvent) ?? "", message.ToString(), logEvent.Exception);
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
