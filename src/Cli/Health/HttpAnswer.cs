namespace Lockstep.Cli.Health;

/// <summary>What is answered to a request.</summary>
/// <param name="Status">HTTP status with its reason, such as <c>200 OK</c>.</param>
/// <param name="Body">Text; sent as UTF-8.</param>
/// <param name="ContentType">What the text is.</param>
internal sealed record HttpAnswer(string Status, string Body, string ContentType = HttpAnswer.Plain)
{
    public const string Plain = "text/plain; charset=utf-8";

    /// <summary>One line of text.</summary>
    public static HttpAnswer Line(string status, string line) => new(status, line + "\n");
}
