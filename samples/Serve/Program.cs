// Serves an exported ONNX model of pictures over HTTP, without Lockstep:
//   dotnet run -c Release --project samples/Serve -- shapes.onnx --urls http://127.0.0.1:8080
//   curl --data-binary @picture.png http://127.0.0.1:8080/predict
using System.Text.Json;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using SkiaSharp;

const int MostBytes = 10_000_000, MostPixels = 12_500_000;
const string Refusal = "The body is no picture that can be read: expected PNG, JPEG, GIF, WebP or BMP of up to 12,500,000 pixels.";

// The file says what the model takes and answers: the size of its pictures, and the names of its classes.
using var session = new InferenceSession(args[0]);
Dictionary<string, string> about = session.ModelMetadata.CustomMetadataMap;
string[] classes = JsonSerializer.Deserialize<string[]>(about["classes"])!;
int[] size = [.. about["imageSize"].Split('x').Select(int.Parse)];
if (size is not [int height, int width, 3])
    throw new NotSupportedException($"The model takes pictures of {about["imageSize"]}; expected HEIGHTxWIDTHx3.");

WebApplicationBuilder builder = WebApplication.CreateBuilder(args[1..]);
builder.WebHost.ConfigureKestrel(server => server.Limits.MaxRequestBodySize = MostBytes);
builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
WebApplication app = builder.Build();
app.MapGet("/livez", () => "ok");
app.MapPost("/predict", async (HttpRequest request) =>
{
    using var body = new MemoryStream();
    await request.Body.CopyToAsync(body);
    body.Position = 0;
    using SKCodec? codec = SKCodec.Create(body);
    using SKBitmap? picture = codec is null || (long)codec.Info.Width * codec.Info.Height > MostPixels ? null : SKBitmap.Decode(codec);
    if (picture is null)
        return Results.BadRequest(Refusal);
    float[] probabilities = Predict(picture);
    return Results.Ok(classes.Zip(probabilities).ToDictionary(one => one.First, one => one.Second));
});
app.Run();

// The probability of each class. Any number of requests may ask at once.
float[] Predict(SKBitmap picture)
{
    // Transparency on white, as in training.
    using var paper = new SKBitmap(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque);
    using (var canvas = new SKCanvas(paper))
    using (SKImage image = SKImage.FromBitmap(picture))
    {
        canvas.Clear(SKColors.White);
        canvas.DrawImage(image, SKRect.Create(width, height), new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear));
    }

    var pixels = new DenseTensor<byte>([1, height, width, 3]);
    for (int y = 0; y < height; y++)
    {
        for (int x = 0; x < width; x++)
        {
            SKColor color = paper.GetPixel(x, y);
            pixels[0, y, x, 0] = color.Red;
            pixels[0, y, x, 1] = color.Green;
            pixels[0, y, x, 2] = color.Blue;
        }
    }

    using var outputs = session.Run([NamedOnnxValue.CreateFromTensor("pixels", pixels)], ["probabilities"]);
    return [.. outputs[0].AsTensor<float>()];
}
